// Where a vcpu's state lies in the memory that all its machine's threads and the generated code share: byte
// offsets from the vcpu's base.

import { systemRegisterNames } from "./system_register_names.ts";

/** Bits of a guest page, of which a translation is remembered. */
export const pageBits = 12;
export const pageSize = 1 << pageBits;

/** Slots of the general registers: 0 to 30, then these. */
export const slot = { sp: 31, zero: 32, discarded: 33, count: 34 } as const;

/** Bytes of a vector register, for the longest vector there is, and of a predicate. */
export const vectorBytes = 256;
export const predicateBytes = 32;

const words = {
  /** Address of the current instruction when the engine is not running, and of a branch's target. */
  pc: 8,
  /**
   * Where the op is that runs, as of the last call out of the generated code, and the op before which the engine
   * would return if there were no jumps: how many instructions are still to be run is their distance.
   */
  op: 8,
  limit: 8,
  /** The page of ops that runs, and what added to a quarter of an op's place gives its instruction's address. */
  pageOps: 8,
  pageBias: 8,
  /** PSTATE.BTYPE as the last jump that set it found it, and how far the limit was then; not since the engine was entered: -1. */
  arrivalType: 4,
  arrivalDistance: 8,
  /** Of the exception level and PAN that now count. */
  tlb: 8,
  /** 15 where a misaligned SP is a fault, else 0. */
  spAlignment: 8,
  /** CTR_EL0. */
  cacheType: 8,
  /** Which bits of an instruction's address its code takes, and those of them that it is exclusive-ored to. */
  codeMaskLow: 8,
  codeMaskHigh: 8,
  codeFlip: 8,
  exclusiveAddress: 8,
  exclusiveLow: 8,
  exclusiveHigh: 8,
  /** Bytes of the exclusive access; 0: the monitor is open. */
  exclusiveSize: 4,
  /** N, Z, C, V in bits 31 to 28, as in SPSR_EL1. */
  nzcv: 4,
  /** PSTATE but for NZCV, as in SPSR_EL1; EL and SP among it. */
  pstate: 4,
  fpcr: 4,
  fpsr: 4,
  /** The exception class with which FP and AdvSIMD instructions trap, or 0, and that of SVE's. */
  fpTrap: 4,
  sveTrap: 4,
  /** Not 0 if any vector register may have something beyond its first quadword. */
  upperInUse: 4,
  /** Bytes of a vector at the current exception level. */
  vectorLength: 4,
  /** Not 0 when the engine is to return: set by other threads, with a notification. */
  attention: 4,
  /** What has been asked of this vcpu by others. */
  requests: 4,
  /** The Event Register. */
  event: 4,
  /** How often the monitor has changed this state: what follows from it is then made anew. */
  changes: 4,
  /** Exceptions that were taken, and how many of the last ones each led straight to the next. */
  exceptions: 4,
  exceptionStreak: 4,
  scratch: 512,
};

type Word = keyof typeof words;

function lay() {
  const offsets = {} as Record<Word, number>;
  let next = 8 * slot.count;
  for (const [name, size] of Object.entries(words)) {
    next = Math.ceil(next / Math.min(size, 16)) * Math.min(size, 16);
    offsets[name as Word] = next;
    next += size;
  }
  return { offsets, next: Math.ceil(next / 16) * 16 };
}

const laid = lay();
/** Byte offsets of single words. */
export const cpuWord = laid.offsets;

/** Byte offset of a system register that is plain storage, by its Arm name. */
export const systemRegisterAt: ReadonlyMap<string, number> = new Map(
  systemRegisterNames.map((name, index) => [name, laid.next + 8 * index]),
);

export const registerAt = (n: number) => 8 * n;
export const vectorsAt = Math.ceil((laid.next + 8 * systemRegisterNames.length) / 16) * 16;
export const vectorAt = (n: number) => vectorsAt + vectorBytes * n;
export const predicatesAt = vectorAt(32);
/** P0 to P15, then FFR. */
export const predicateAt = (n: number) => predicatesAt + predicateBytes * n;

/** Translations that are remembered, direct-mapped, for each of these. */
export const tlbKinds = { el0: 0, el1: 1, el1Pan: 2, count: 3 } as const;
export const tlbEntries = 1024;
/** Of an entry: the page's address where it may be read, written, and what added to an address gives the memory's. */
export const tlbEntry = { readTag: 0, writeTag: 8, addend: 16, size: 32 } as const;
export const tlbsAt = Math.ceil(predicateAt(17) / 64) * 64;
export const tlbAt = (kind: number) => tlbsAt + kind * tlbEntries * tlbEntry.size;
/** No page has this address. */
export const noTag = -1n;

/** Pages of code by their addresses, direct-mapped: the address and where its ops lie. */
export const codeEntries = 1024;
export const codeEntry = { tag: 0, ops: 8, size: 16 } as const;
export const codeEntriesAt = tlbAt(tlbKinds.count);

/** The exceptions that were taken last. */
export const exceptionEntry = {
  count: 16,
  far: 0,
  pc: 8,
  returnAddress: 16,
  vector: 24,
  esr: 32,
  spsr: 36,
  kind: 40,
  times: 44,
  size: 48,
} as const;
export const exceptionsAt = codeEntriesAt + codeEntries * codeEntry.size;

export const cpuBytes = exceptionsAt + exceptionEntry.count * exceptionEntry.size;
