// Signing, checking and stripping an address, and PACGA: Arm DDI 0487, shared pseudocode "AddPAC", "Auth",
// "Strip" and the A64 instruction PACGA. Whether a key is enabled (SCTLR_EL1.EnIA and the like) and trapped
// is the instruction's business; these are what it does then.

import { type AddressAuthentication, type ComputePac, computePac, PacLevel } from "./algorithm.ts";
import type { PointerLayout } from "./pointer_layout.ts";

/** APIAKey and the like: the halves are the registers APIAKeyHi_EL1 and APIAKeyLo_EL1. */
export interface PacKey {
  readonly high: bigint;
  readonly low: bigint;
}

/** How an instruction that checks differs from the others. */
export interface AuthVariant {
  /** A B key: AUTIB, AUTDB and theirs. */
  readonly isKeyB: boolean;
  /** The check is part of a branch or a load: BLRAA, RETAA, LDRAA and theirs. */
  readonly isCombined: boolean;
}

const ALL = 0xffffffffffffffffn;
const TAG = 0xff00000000000000n;
const BIT_55 = 1n << 55n;

const below = (bit: bigint) => (1n << bit) - 1n;
const isHigh = (pointer: bigint) => (pointer & BIT_55) !== 0n;
const hasTag = (layout: PointerLayout, high: boolean) => high ? layout.tbi1 : layout.tbi0;

/** The bits that hold the code: from the bottom one to 63, or 54 where there is a tag, without bit 55. */
export function codeBits(layout: PointerLayout, high: boolean, tagged: boolean): bigint {
  const bottom = high ? layout.bottomPacBit1 : layout.bottomPacBit0;
  return ALL & ~below(bottom) & ~BIT_55 & ~(tagged ? TAG : 0n);
}

/** The pointer as it was before it was signed, if it is one: the extension bits are all `high`. */
function extend(pointer: bigint, code: bigint, high: boolean): bigint {
  const bits = code | BIT_55;
  return high ? pointer | bits : pointer & ~bits;
}

/** Bit 55 where the top byte can be a tag in either half, else bit 63: the manual's selbit. */
function selectedHalf(pointer: bigint, layout: PointerLayout, method: AddressAuthentication): boolean {
  const byBit55 = layout.tbi0 || layout.tbi1 ||
    (method.constPacField && method.level >= PacLevel.FEAT_PAuth2);
  return byBit55 ? isHigh(pointer) : pointer >> 63n === 1n;
}

/**
 * `ptr` signed: PACIA, PACIB, PACDA, PACDB. A pointer whose extension bits were not all alike cannot be told
 * from its signed self later, so before FEAT_PAuth2 it gets a code that is wrong on purpose.
 */
export function addPac(
  ptr: bigint,
  modifier: bigint,
  key: PacKey,
  layout: PointerLayout,
  method: AddressAuthentication,
): bigint {
  const high = selectedHalf(ptr, layout, method);
  const tagged = hasTag(layout, isHigh(ptr));
  const code = codeBits(layout, high, tagged);
  const extended = extend(ptr, code, high);
  let pac = computePac[method.algorithm](extended, modifier, key.high, key.low);
  const kept = (ptr & ~code & ~BIT_55) | (high ? BIT_55 : 0n);
  if (method.level >= PacLevel.FEAT_PAuth2) return kept | (ptr ^ pac) & code;
  const extension = ptr & (code | BIT_55);
  if (extension !== 0n && extension !== (code | BIT_55)) {
    // The manual's PAC<top_bit - 1>, top_bit being 55 or 63.
    pac = method.level === PacLevel.FEAT_EPAC ? 0n : pac ^ 1n << (tagged ? 54n : 62n);
  }
  return kept | pac & code;
}

/**
 * `ptr` checked and its code removed: AUTIA, AUTIB, AUTDA, AUTDB and the check in the combined ones. A wrong
 * code gives a pointer that faults when it is used: with an error code in two bits, or from FEAT_PAuth2 on
 * whatever the exclusive-or gives. "fault": the instruction itself faults, as FEAT_FPAC has it (see
 * `pacFailSyndrome`).
 */
export function auth(
  ptr: bigint,
  modifier: bigint,
  key: PacKey,
  variant: AuthVariant,
  layout: PointerLayout,
  method: AddressAuthentication,
): bigint | "fault" {
  const high = isHigh(ptr);
  const tagged = hasTag(layout, high);
  const code = codeBits(layout, high, tagged);
  const original = extend(ptr, code, high);
  const pac = computePac[method.algorithm](original, modifier, key.high, key.low);
  if (method.level < PacLevel.FEAT_PAuth2) {
    return (pac & code) === (ptr & code) ? original : withErrorCode(original, variant.isKeyB, tagged);
  }
  const result = ptr ^ pac & code;
  const faults = method.level >= PacLevel.FEAT_FPACCOMBINE ||
    (method.level === PacLevel.FEAT_FPAC && !variant.isCombined);
  return faults && result !== original ? "fault" : result;
}

/** The manual's error_code, key_number : NOT(key_number), below bit 55 or below bit 63. */
function withErrorCode(original: bigint, isKeyB: boolean, tagged: boolean): bigint {
  const at = tagged ? 53n : 61n;
  return original & ~(3n << at) | (isKeyB ? 2n : 1n) << at;
}

/** `ptr` with its code removed, unchecked: XPACI, XPACD, XPACLRI. */
export function strip(ptr: bigint, layout: PointerLayout): bigint {
  const high = isHigh(ptr);
  return extend(ptr, codeBits(layout, high, hasTag(layout, high)), high);
}

/** PACGA: the upper half of the code; the lower is zero. */
export function pacga(data: bigint, modifier: bigint, key: PacKey, compute: ComputePac): bigint {
  return compute(data, modifier, key.high, key.low) & 0xffffffff00000000n;
}

/** ESR_ELx.ISS of a "PAC Fail" exception, whose EC is 0b011100: which key the failed check was with. */
export function pacFailSyndrome(isData: boolean, isKeyB: boolean): number {
  return Number(isData) << 1 | Number(isKeyB);
}
