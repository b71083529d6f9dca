// States to run instructions from, drawn at random from a seed, with the values where instructions differ
// (ends of ranges, NaNs, addresses in the scratch memory) far more often than chance has them.

import { type Random, seededRandom } from "../../../../devices/random.ts";
import { type Case, CODE_START, MEMORY, vectorSizes } from "./case.ts";
import { fillVectors } from "./random_vectors.ts";

/** A register that is to hold an address of the scratch memory. */
export interface Pointer {
  /** 0 to 30 of X, 31 for SP. */
  readonly register: number;
  /** A power of two; 1 unless given. */
  readonly align?: number;
  /** "start" and "end": within 64 bytes of there, on both sides of the border; "inside" unless given. */
  readonly near?: "inside" | "start" | "end";
}

export interface CaseWishes {
  readonly pointers?: readonly Pointer[];
  /** Of FPCR these bits are random and all others 0: by default rounding, FZ, FZ16, DN and AHP. */
  readonly fpcrBits?: number;
}

export interface RandomStates {
  readonly seed: number;
  readonly random: Random;
  nextCase(words: readonly number[], wishes?: CaseWishes): Case;
}

/** AHP, DN, FZ, RMode, FZ16 (Arm DDI 0487, "FPCR, Floating-point Control Register"). */
const FPCR_BITS = 0x07c8_0000;
/** QC and the cumulative exceptions (Arm DDI 0487, "FPSR, Floating-point Status Register"). */
const FPSR_BITS = 0x0800_009f;
const NZCV_BITS = 0xf000_0000;

/** Cases in a row share their memory's contents: whoever runs them need then not copy it each time. */
const CASES_PER_MEMORY = 64;
/** An access from a pointer that is "inside" has this much of the memory on both sides. */
const MARGIN = 1024;
const SP = 31;

/** The same seed and calls give the same cases. `vectorLength` is in bits, 0 without SVE. */
export function randomStates(seed: number, vectorLength = 0): RandomStates {
  const random = seededRandom(seed);
  const sizes = vectorSizes(vectorLength);
  let memory = randomBytes(random, MEMORY.size);
  let cases = 0;

  function nextCase(words: readonly number[], wishes: CaseWishes = {}): Case {
    if (++cases % CASES_PER_MEMORY === 0) memory = randomBytes(random, MEMORY.size);
    // One more than X0 to X30: SP is drawn as they are.
    const registers = new BigUint64Array(32);
    const halves = new Uint32Array(registers.buffer);
    for (let n = 0; n <= SP; n++) setRegister(random, halves, n);
    for (const pointer of wishes.pointers ?? []) setPointer(random, halves, pointer);
    const v = new Uint8Array(sizes.v);
    fillVectors(random, v);
    return {
      x: registers.slice(0, SP),
      sp: registers[SP] ?? 0n,
      pc: CODE_START,
      nzcv: (random.word() & NZCV_BITS) >>> 0,
      fpcr: random.below(2) === 0 ? 0 : random.word() & (wishes.fpcrBits ?? FPCR_BITS),
      fpsr: random.below(2) === 0 ? 0 : random.word() & FPSR_BITS,
      v,
      p: randomPredicates(random, sizes.p, sizes.ffr),
      ffr: randomFfr(random, sizes.ffr),
      memory,
      words,
    };
  }
  return { seed, random, nextCase };
}

function randomBytes(random: Random, size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint32Array.from({ length: size / 4 }, () => random.word()).buffer);
}

function setRegister(random: Random, halves: Uint32Array, n: number): void {
  const [low, high] = registerValue(random);
  halves[2 * n] = low;
  halves[2 * n + 1] = high;
}

/** The two words of a register, the low one first. */
function registerValue(random: Random): readonly [number, number] {
  switch (random.below(8)) {
    case 0:
      return [random.below(130), 0]; // shift amounts and small counts
    case 1:
      return [-random.below(130), -1];
    case 2:
      return aroundPowerOfTwo(random);
    case 3: // a 32-bit value, zero or sign extended
      return [random.word(), random.of([0, -1])];
    case 4:
      return [random.of(WORDS), random.of(WORDS)];
    default:
      return [random.word(), random.word()];
  }
}

const WORDS = [0, -1, 0x7fff_ffff, 0x8000_0000, 0xffff, 0x5555_5555, 0xaaaa_aaaa, 0xff, 0x8000] as const;

function aroundPowerOfTwo(random: Random): readonly [number, number] {
  const bit = random.below(64);
  const value = 1n << BigInt(bit);
  const near = BigInt.asUintN(64, value + BigInt(random.below(3) - 1));
  return [Number(near & 0xffff_ffffn), Number(near >> 32n)];
}

function setPointer(random: Random, halves: Uint32Array, pointer: Pointer): void {
  const { register, align = 1, near = "inside" } = pointer;
  const offset = near === "inside"
    ? MARGIN + random.below(MEMORY.size - 2 * MARGIN)
    : (near === "end" ? MEMORY.size : 0) + random.below(128) - 64;
  halves[2 * register] = (Number(MEMORY.base) + offset & -align) >>> 0;
  halves[2 * register + 1] = 0;
}

/** All true, all false, or each bit at random. */
function randomPredicates(random: Random, size: number, each: number): Uint8Array<ArrayBuffer> {
  const p = new Uint8Array(size);
  for (let at = 0; at < size; at += each) {
    const kind = random.below(4);
    for (let n = at; n < at + each; n++) p[n] = kind === 0 ? 0 : kind === 1 ? 0xff : random.word();
  }
  return p;
}

/** FFR is only ever ones up to an element and zeroes after it (Arm DDI 0487, "First Fault Register, FFR"). */
function randomFfr(random: Random, size: number): Uint8Array<ArrayBuffer> {
  const ones = random.below(2) === 0 ? size * 8 : random.below(size * 8 + 1);
  return Uint8Array.from({ length: size }, (_, n) => (1 << Math.max(0, Math.min(8, ones - 8 * n))) - 1);
}
