// What a breakpoint or a watchpoint is on (Arm DDI 0487, "DBGBCR<n>_EL1, Debug Breakpoint Control Registers",
// "DBGWCR<n>_EL1, Debug Watchpoint Control Registers", "Breakpoint and Watchpoint exceptions").

import type { Access } from "./mmu.ts";

export interface Match {
  /** The bytes it is on, as bits 52 to 0 of their addresses; of a context, all of them. */
  readonly from: bigint;
  readonly to: bigint;
  /** Which of the eight bytes from `from` on, for a watchpoint on less than all between `from` and `to`. */
  readonly bytes: number | undefined;
  readonly atEl0: boolean;
  readonly atEl1: boolean;
  readonly onReads: boolean;
  readonly onWrites: boolean;
  /** CONTEXTIDR_EL1, of a breakpoint on a context alone. */
  readonly context: bigint | undefined;
  /** The number of the breakpoint whose context it needs. */
  readonly linked: number | undefined;
}

export const isContextMatch = ({ context }: Match): boolean => context !== undefined;

const addressBits = 53;
/** An address as matches have it: what is above is a tag, or a copy of bit 52. */
export const matchAddress = (address: bigint): bigint => BigInt.asUintN(addressBits, address);
const highest = (1n << BigInt(addressBits)) - 1n;

const bits = (value: bigint, from: number, width: number) =>
  Number(value >> BigInt(from) & (1n << BigInt(width)) - 1n);

/** Undefined where the control register's value is one that matches nothing. */
export function matchOf(kind: "b" | "w", control: bigint, value: bigint): Match | undefined {
  // SSC 2 is for the secure state alone, where no guest is.
  if (bits(control, 14, 2) === 2) return undefined;
  const levels = { atEl1: bits(control, 1, 1) === 1, atEl0: bits(control, 2, 1) === 1 };
  const match = kind === "b" ? breakpoint(control, value) : watchpoint(control, value);
  return match && { ...match, ...levels };
}

type Where = Omit<Match, "atEl0" | "atEl1">;

const unlinkedAddress = 0, linkedAddress = 1, unlinkedContext = 2, linkedContext = 3;

function breakpoint(control: bigint, value: bigint): Where | undefined {
  const type = bits(control, 20, 4);
  const plain = { bytes: undefined, onReads: false, onWrites: false, context: undefined, linked: undefined };
  if (type === unlinkedContext) {
    return { ...plain, from: 0n, to: highest, context: BigInt.asUintN(32, value) };
  }
  // BAS has a bit for each byte of the instruction, of which the first counts.
  const isOnAddress = (type === unlinkedAddress || type === linkedAddress) && bits(control, 5, 1) === 1;
  if (!isOnAddress) return undefined;
  const from = matchAddress(value & ~3n);
  return { ...plain, from, to: from, linked: type === linkedAddress ? bits(control, 16, 4) : undefined };
}

function watchpoint(control: bigint, value: bigint): Where | undefined {
  const loadStore = bits(control, 3, 2), mask = bits(control, 24, 5), select = bits(control, 5, 8);
  const isLinked = bits(control, 20, 1) === 1;
  const rest = {
    onReads: (loadStore & 1) !== 0,
    onWrites: (loadStore & 2) !== 0,
    context: undefined,
    linked: isLinked ? bits(control, 16, 4) : undefined,
  };
  const size = BigInt(mask);
  if (mask > 2) {
    const from = matchAddress(value >> size << size);
    return { ...rest, from, to: from + (1n << size) - 1n, bytes: undefined };
  }
  // With bit 2 of the address set, only four of the bytes can be selected.
  const isWord = bits(value, 2, 1) === 1;
  const bytes = isWord ? select & 0xf : select;
  if (mask !== 0 || bytes === 0) return undefined;
  const from = matchAddress(value & (isWord ? ~3n : ~7n));
  return { ...rest, from, to: from + 7n, bytes };
}

/** The first of so many bytes from an address that it is on. */
export function firstMatch(match: Match, address: bigint, bytes: number): bigint | undefined {
  for (let n = 0n; n < BigInt(bytes); n++) {
    const byte = matchAddress(address + n);
    const isOn = byte >= match.from && byte <= match.to &&
      (match.bytes === undefined || (match.bytes >> Number(byte - match.from) & 1) === 1);
    if (isOn) return address + n;
  }
  return undefined;
}

/** The context that a linked breakpoint or watchpoint needs; undefined where it is linked to none. */
export function linkedContextOf(control: bigint | undefined, value: bigint | undefined): bigint | undefined {
  const isLinkable = control !== undefined && value !== undefined && (control & 1n) === 1n &&
    bits(control, 20, 4) === linkedContext;
  return isLinkable ? BigInt.asUintN(32, value) : undefined;
}

export const isOnAccess = (match: Match, access: Access): boolean =>
  access === "read" ? match.onReads : match.onWrites;
