// The MMU: from an instruction's address to a physical one, with the faults on the way (Arm DDI 0487, "The
// AArch64 Virtual Memory System Architecture", "Memory access control", "MMU fault types").

import type { Cpu } from "./cpu.ts";
import { GuestException } from "./guest_exception.ts";
import { type Half, type Regime, regimeOf } from "./mmu_regime.ts";
import { isAtEl0, PSTATE } from "./pstate.ts";
import { faultAt, faultStatus, noFault, updateDescriptor, walk, Walked } from "./translation_table_walk.ts";

export type Access = "read" | "write" | "execute";

/** Where an address leads. One object serves many translations: it is valid until the next one. */
export class Translation {
  /** Below 2^52. */
  physical = 0;
  /** log2 of the bytes around the address that one descriptor maps. */
  mappedBits = 0;
  readable = false;
  /** Without a change of the descriptor: with hardware management a page may be clean. */
  writable = false;
  executable = false;
  /** Device memory, where misaligned accesses fault. */
  isDevice = false;
  /** For all ASIDs: nG is not set. */
  isGlobal = true;
  /** Branches to it are checked: GP, with FEAT_BTI. */
  isGuarded = false;
  /** As PAR_EL1.ATTR and PAR_EL1.SH tell them. */
  attributes = 0;
  shareability = 0;
}

const found = new Walked();
const translation = new Translation();

/** Of a descriptor: bits 11, 7, 6 and 4 to 2, and of its upper half bits 54, 53, 51 and 50. */
const nG = 1 << 11, readOnly = 1 << 7, atEl0 = 1 << 6, attributeIndex = 7 << 2;
const UXN = 1 << 22, PXN = 1 << 21, DBM = 1 << 19, GP = 1 << 18;
const shareabilityShift = 8;
const outerShareable = 2;
/** Of MAIR_EL1: Normal memory that neither inner nor outer caches hold. */
const nonCacheable = 0x44;

/** Whose permissions count. */
export interface Privilege {
  readonly isEl0: boolean;
  readonly pan: boolean;
}

export const privileges = {
  el0: { isEl0: true, pan: false },
  el1: { isEl0: false, pan: false },
  el1Pan: { isEl0: false, pan: true },
} as const;

/** That of the current exception level; with `isEl0` that of EL0, which LDTR and STTR use at EL1. */
export function privilegeOf(cpu: Cpu, isEl0: boolean): Privilege {
  if (isEl0) return privileges.el0;
  return cpu.pstate & PSTATE.PAN ? privileges.el1Pan : privileges.el1;
}

/** @param isEl0 whether it is done with EL0's permissions. Throws GuestException. */
export function translate(cpu: Cpu, address: bigint, access: Access, isEl0: boolean): Translation {
  const fault = tryTranslate(cpu, address, access, privilegeOf(cpu, isEl0));
  if (fault !== noFault) {
    throw access === "execute"
      ? instructionAbort(cpu, fault, address)
      : cpu.dataAbort(fault, access === "write", address);
  }
  return translation;
}

/** The last translation that found no fault. */
export const lastTranslation: Readonly<Translation> = translation;

/** Fills `lastTranslation`; answers a fault status code or `noFault`. */
export function tryTranslate(cpu: Cpu, address: bigint, access: Access, privilege: Privilege): number {
  const low = Number(BigInt.asUintN(32, address));
  const high = Number(BigInt.asUintN(32, address >> 32n));
  const regime = regimeOf(cpu);
  const isUpper = (high >>> 23 & 1) === 1;
  const half = regime.halves[isUpper ? 1 : 0];
  const isTagged = access === "execute" ? half.ignoresTopByteOfCode : half.ignoresTopByte;
  if (!regime.isOn) return flat(regime, low, isTagged ? high & 0xff_ffff : high, access);
  const upper = isTagged ? (isUpper ? high | 0xff00_0000 : high & 0xff_ffff) : high;
  const isOutside = !isWithin(isUpper ? ~low >>> 0 : low, isUpper ? ~upper >>> 0 : upper >>> 0, half);
  if (isOutside || half.isDisabled || half.refusesEl0 && privilege.isEl0) {
    return faultAt(faultStatus.translation, 0);
  }
  const fault = walk(cpu.memory, regime, half, inputOf(low, upper, half), found);
  return fault === noFault ? permit(cpu, regime, half, access, privilege) : fault;
}

/** Whether all bits above the half's own are zero. */
function isWithin(low: number, high: number, { inputBits }: Half): boolean {
  return inputBits >= 32 ? high >>> inputBits - 32 === 0 : high === 0 && low >>> inputBits === 0;
}

function inputOf(low: number, high: number, { inputBits }: Half): number {
  if (inputBits > 32) return (high & 2 ** (inputBits - 32) - 1) * 2 ** 32 + low;
  return inputBits === 32 ? low : low & 2 ** inputBits - 1;
}

/** While translation is off addresses are physical; data is Device-nGnRnE, code is Normal. */
function flat(regime: Regime, low: number, high: number, access: Access): number {
  if (high >= 2 ** (regime.physicalBits - 32)) return faultAt(faultStatus.addressSize, 0);
  translation.physical = high * 2 ** 32 + low;
  translation.mappedBits = regime.physicalBits;
  translation.readable = translation.writable = translation.executable = true;
  translation.isDevice = access !== "execute";
  translation.isGlobal = true;
  translation.isGuarded = false;
  translation.attributes = 0;
  translation.shareability = outerShareable;
  return noFault;
}

function permit(cpu: Cpu, regime: Regime, half: Half, access: Access, privilege: Privilege): number {
  const mayEverWrite = setPermissions(regime, privilege);
  const isAllowed = access === "read"
    ? translation.readable
    : access === "write"
    ? mayEverWrite
    : translation.executable;
  if (!isAllowed) return faultAt(faultStatus.permission, found.level);
  if (access === "write" && !translation.writable) {
    updateDescriptor(cpu.memory, found, found.low & ~readOnly);
    translation.writable = true;
  }
  describe(regime, half);
  return noFault;
}

/** Answers whether a write is allowed, if need be by marking the page dirty. */
function setPermissions(regime: Regime, { isEl0, pan }: Privilege): boolean {
  const { low, high } = found;
  const isForEl0 = (low & atEl0) !== 0 && !found.tablesForbidEl0;
  const isUxn = (high & UXN) !== 0 || found.tablesForbidEl0Execution;
  const isClean = (low & readOnly) !== 0 && (high & DBM) !== 0 && regime.setsDirty;
  let mayWrite = ((low & readOnly) === 0 || isClean) && !found.tablesForbidWrites;
  let mayRead = true;
  let mayExecute: boolean;
  if (isEl0) {
    mayRead = isForEl0;
    mayWrite &&= isForEl0;
    mayExecute = !isUxn && !(regime.isWxn && mayWrite);
  } else {
    const isPxn = (high & PXN) !== 0 || found.tablesForbidEl1Execution;
    mayExecute = !isPxn && !(mayWrite && (isForEl0 || regime.isWxn));
    if (pan && (isForEl0 || regime.isEpan && !isUxn)) mayRead = mayWrite = false;
  }
  translation.readable = mayRead;
  translation.writable = mayWrite && !isClean;
  translation.executable = mayExecute;
  return mayWrite;
}

function describe(regime: Regime, half: Half) {
  const attributes = regime.memoryAttributes[(found.low & attributeIndex) >>> 2]!;
  translation.physical = found.physical;
  translation.mappedBits = found.mappedBits;
  translation.isGlobal = (found.low & nG) === 0;
  translation.isGuarded = regime.hasGuardedPages && (found.high & GP) !== 0;
  translation.attributes = attributes;
  translation.isDevice = (attributes & 0xf0) === 0;
  // With FEAT_LPA2's format the field is part of the address.
  const SH = half.upperBits === "DS" ? half.shareability : found.low >>> shareabilityShift & 3;
  const isCached = !translation.isDevice && attributes !== nonCacheable;
  translation.shareability = isCached ? SH : outerShareable;
}

const exceptionClass = { instructionAbort: 0x20, dataAbort: 0x24, sameLevel: 1 } as const;
const WnR = 1 << 6, CM = 1 << 8;

const abortClass = (cpu: Cpu, ec: number) => isAtEl0(cpu) ? ec : ec | exceptionClass.sameLevel;

/** Of a DC or IC instruction, or of AT. */
export function maintenanceAbort(cpu: Cpu, status: number, address: bigint): GuestException {
  return new GuestException(abortClass(cpu, exceptionClass.dataAbort), status | WnR | CM, address);
}

/** @param status ISS.IFSC */
export function instructionAbort(cpu: Cpu, status: number, address: bigint): GuestException {
  return new GuestException(abortClass(cpu, exceptionClass.instructionAbort), status, address);
}
