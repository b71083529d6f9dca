// The records that go to oracle.c (`struct test_case`) and come back (`struct outcome`), little-endian.

import { type Case, CODE, FILL, MEMORY, MOST_WORDS, type Outcome, type Signal, vectorSizes } from "./case.ts";

/** Of `struct test_case` and of `struct outcome`. */
const HEAD_SIZE = 304;
const HAS_MEMORY = 1;

/** Offsets into both heads, then into each. */
const AT = { sp: 248, pc: 256, nzcv: 264, fpcr: 268, fpsr: 272 } as const;
const CASE_AT = { flags: 280, words: 284 } as const;
const OUTCOME_AT = { signal: 280, faultAddress: 288, changedFrom: 296, changedTo: 300 } as const;

/** Linux's numbers for arm64 (asm-generic/signal.h). */
const SIGNALS: ReadonlyMap<number, Signal> = new Map([
  [4, "SIGILL"],
  [5, "SIGTRAP"],
  [7, "SIGBUS"],
  [8, "SIGFPE"],
  [11, "SIGSEGV"],
  [27, "loops"], // SIGPROF, by which oracle.c measures a case's CPU time
]);

/** A case that the oracle cannot run. */
export class CaseError extends Error {
  override readonly name = "CaseError";
}

/** Throws `CaseError` when there is one that the oracle cannot run. */
export function checkCases(cases: readonly Case[], vectorLength: number): void {
  const sizes = vectorSizes(vectorLength);
  for (const each of cases) check(each, sizes);
}

/** `struct batch` and the cases, which have been checked. */
export function encodeBatch(cases: readonly Case[], vectorLength: number): Uint8Array<ArrayBuffer> {
  const sizes = vectorSizes(vectorLength);
  const vectorsSize = roundUp(sizes.v + sizes.p + sizes.ffr);
  const memories = cases.filter((each, index) => bringsMemory(cases, each, index)).length;
  const bytes = new Uint8Array(8 + cases.length * (HEAD_SIZE + vectorsSize) + memories * MEMORY.size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, cases.length, true);
  view.setUint32(4, bytes.length - 8, true);
  let at = 8;
  for (const [index, each] of cases.entries()) {
    const memory = bringsMemory(cases, each, index);
    encodeHead(view, at, each, memory);
    at += HEAD_SIZE;
    bytes.set(each.v, at);
    bytes.set(each.p, at + sizes.v);
    bytes.set(each.ffr, at + sizes.v + sizes.p);
    at += vectorsSize;
    if (!memory) continue;
    bytes.set(each.memory, at);
    at += MEMORY.size;
  }
  return bytes;
}

/** The outcomes of these cases out of oracle.c's answer, without its `struct batch`. */
export function decodeOutcomes(
  bytes: Uint8Array<ArrayBuffer>,
  cases: readonly Case[],
  vectorLength: number,
): Outcome[] {
  const sizes = vectorSizes(vectorLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  return cases.map((each): Outcome => {
    const head = at;
    const v = head + HEAD_SIZE;
    const p = v + sizes.v;
    const ffr = p + sizes.p;
    at = v + roundUp(sizes.v + sizes.p + sizes.ffr);
    const from = view.getUint32(head + OUTCOME_AT.changedFrom, true);
    const to = view.getUint32(head + OUTCOME_AT.changedTo, true);
    const changed = bytes.subarray(at, at + to - from);
    at += roundUp(to - from);
    return {
      ...decodeHead(view, head, each),
      x: new BigUint64Array(bytes.slice(head, head + AT.sp).buffer),
      v: bytes.slice(v, p),
      p: bytes.slice(p, ffr),
      ffr: bytes.slice(ffr, ffr + sizes.ffr),
      memory: withChange(each.memory, from, changed),
    };
  });
}

/** oracle.c keeps the memory of the case before, so most cases need not bring theirs. */
function bringsMemory(cases: readonly Case[], each: Case, index: number): boolean {
  return index === 0 || each.memory !== cases[index - 1]?.memory;
}

function encodeHead(view: DataView, at: number, each: Case, memory: boolean): void {
  new Uint8Array(view.buffer).set(new Uint8Array(each.x.buffer, each.x.byteOffset, 31 * 8), at);
  view.setBigUint64(at + AT.sp, each.sp, true);
  view.setBigUint64(at + AT.pc, each.pc, true);
  view.setUint32(at + AT.nzcv, each.nzcv, true);
  view.setUint32(at + AT.fpcr, each.fpcr, true);
  view.setUint32(at + AT.fpsr, each.fpsr, true);
  view.setUint32(at + CASE_AT.flags, memory ? HAS_MEMORY : 0, true);
  for (let n = 0; n < MOST_WORDS; n++) {
    view.setUint32(at + CASE_AT.words + 4 * n, each.words[n] ?? FILL, true);
  }
}

type Head = Omit<Outcome, "x" | "v" | "p" | "ffr" | "memory">;

function decodeHead(view: DataView, at: number, each: Case): Head {
  const pc = view.getBigUint64(at + AT.pc, true);
  const head = {
    sp: view.getBigUint64(at + AT.sp, true),
    pc,
    nzcv: view.getUint32(at + AT.nzcv, true),
    fpcr: view.getUint32(at + AT.fpcr, true),
    fpsr: view.getUint32(at + AT.fpsr, true),
  };
  const number = view.getUint32(at + OUTCOME_AT.signal, true);
  const signal = SIGNALS.get(number);
  if (signal === undefined) throw new Error(`the oracle reports signal ${number}`);
  const isOwn = pc >= each.pc && pc < each.pc + 4n * BigInt(each.words.length);
  if (signal === "SIGTRAP" && !isOwn) return head; // the BRK that fills the code window
  if (signal !== "SIGSEGV" && signal !== "SIGBUS") return { ...head, signal };
  return { ...head, signal, faultAddress: view.getBigUint64(at + OUTCOME_AT.faultAddress, true) };
}

function withChange(
  memory: Uint8Array<ArrayBuffer>,
  from: number,
  changed: Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (changed.length === 0) return memory;
  const after = memory.slice();
  after.set(changed, from);
  return after;
}

function roundUp(size: number): number {
  return Math.ceil(size / 8) * 8;
}

function check(each: Case, sizes: ReturnType<typeof vectorSizes>): void {
  if (each.words.length < 1 || each.words.length > MOST_WORDS) {
    throw new CaseError(`a case has ${each.words.length} words, not 1 to ${MOST_WORDS}`);
  }
  const lengths = [each.x.length, each.v.length, each.p.length, each.ffr.length, each.memory.length];
  const wanted = [31, sizes.v, sizes.p, sizes.ffr, MEMORY.size];
  if (lengths.some((length, index) => length !== wanted[index])) {
    throw new CaseError(`a case has x, v, p, ffr, memory of lengths ${lengths}, not ${wanted}`);
  }
  const last = CODE.base + BigInt(CODE.size - 4 * MOST_WORDS);
  if (each.pc < CODE.base || each.pc > last || each.pc % 4n !== 0n) {
    throw new CaseError(`a case's pc is 0x${each.pc.toString(16)}, which has no room in the code window`);
  }
  for (const word of each.words) checkWord(word);
}

/** To QEMU's user mode these two are calls out of the state that is compared. */
function checkWord(word: number): void {
  const name = `0x${(word >>> 0).toString(16).padStart(8, "0")}`;
  if ((word & 0xffe0_001f) >>> 0 === 0xd400_0001) throw new CaseError(`${name} (SVC) is a system call`);
  if (word >>> 0 === 0xd45e_0000) throw new CaseError(`${name} (HLT #0xf000) is a semihosting call`);
}
