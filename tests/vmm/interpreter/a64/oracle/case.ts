// What the oracle is asked and what it answers: A64 instructions and the state of one processing element at EL0
// before and after them (Arm DDI 0487, "Registers in AArch64 state").

/** The scratch memory: readable and writable, with nothing mapped on either side. */
export const MEMORY = { base: 0x5000_0000n, size: 0x1000 } as const;

/**
 * Where code may be: readable, writable and executable, with nothing mapped on either side, and filled with
 * `BRK #0` (FILL) but for the case's own words. A branch to anywhere in it ends the case with `pc` there.
 */
export const CODE = { base: 0x5ff0_0000n, size: 0x20_0000 } as const;
export const FILL = 0xd420_0000;

/** Where a case's code is unless it says otherwise: the middle of the code window. */
export const CODE_START = 0x6000_0000n;
export const MOST_WORDS = 4;

export interface State {
  /** X0 to X30. */
  readonly x: BigUint64Array<ArrayBuffer>;
  readonly sp: bigint;
  readonly pc: bigint;
  /** As MRS reads it: the flags are bits 31 to 28. */
  readonly nzcv: number;
  readonly fpcr: number;
  readonly fpsr: number;
  /** V0 to V31, 16 bytes each; with SVE Z0 to Z31, each as long as the vector length. */
  readonly v: Uint8Array<ArrayBuffer>;
  /** P0 to P15, each an eighth of the vector length; empty without SVE. */
  readonly p: Uint8Array<ArrayBuffer>;
  /** Empty without SVE. */
  readonly ffr: Uint8Array<ArrayBuffer>;
  /** The scratch memory's contents. Nothing changes these bytes in place: states may share them. */
  readonly memory: Uint8Array<ArrayBuffer>;
}

/** One to four instructions, to be run from this state at `pc`. */
export interface Case extends State {
  readonly words: readonly number[];
}

/** How Linux tells a program of the exception; "loops": it ran for 0.1 s of CPU time without an end. */
export type Signal = "SIGILL" | "SIGTRAP" | "SIGBUS" | "SIGFPE" | "SIGSEGV" | "loops";

/**
 * The state after. Without a `signal` it ended at an instruction that is not its own: the one after its last
 * word, or wherever it branched to inside the code window. With one, `pc` is the faulting instruction's.
 */
export interface Outcome extends State {
  readonly signal?: Signal;
  /** Of SIGSEGV and SIGBUS. */
  readonly faultAddress?: bigint;
}

/** The vector registers' sizes in bytes; `vectorLength` is in bits, 0 without SVE. */
export function vectorSizes(vectorLength: number): { v: number; p: number; ffr: number } {
  if (vectorLength === 0) return { v: 32 * 16, p: 0, ffr: 0 };
  if (vectorLength % 128 !== 0 || vectorLength < 0 || vectorLength > 2048) {
    throw new RangeError(`${vectorLength} is no vector length`);
  }
  const bytes = vectorLength / 8;
  return { v: 32 * bytes, p: 16 * bytes / 8, ffr: bytes / 8 };
}

/** A state of zeroes, SP at the scratch memory's middle, with what `given` says. */
export function zeroCase(
  words: readonly number[],
  given: Partial<State> = {},
  vectorLength = 0,
): Case {
  const sizes = vectorSizes(vectorLength);
  return {
    x: new BigUint64Array(31),
    sp: MEMORY.base + BigInt(MEMORY.size / 2),
    pc: CODE_START,
    nzcv: 0,
    fpcr: 0,
    fpsr: 0,
    v: new Uint8Array(sizes.v),
    p: new Uint8Array(sizes.p),
    ffr: new Uint8Array(sizes.ffr),
    memory: zeroMemory,
    words,
    ...given,
  };
}

const zeroMemory = new Uint8Array(MEMORY.size);
