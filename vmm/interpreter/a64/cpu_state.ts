// One vcpu's state in the memory that its machine's threads share, as TypeScript sees it.

import { cpuWord, slot, systemRegisterAt, vectorBytes, vectorsAt } from "./cpu_layout.ts";

export class CpuState {
  /** X0 to X30 and the further slots of cpu_layout.ts. */
  readonly x: BigUint64Array;
  /** Z0 to Z31, of `vectorBytes` each; V0 to V31 are their first 16 bytes. */
  readonly v: Uint8Array;
  readonly vectors: DataView;
  readonly view: DataView;

  /** @param base byte offset of the state, laid out as cpu_layout.ts says */
  constructor(buffer: ArrayBufferLike, readonly base: number) {
    this.x = new BigUint64Array(buffer, base, slot.count);
    this.v = new Uint8Array(buffer, base + vectorsAt, 32 * vectorBytes);
    this.vectors = new DataView(buffer, base + vectorsAt, 32 * vectorBytes);
    this.view = new DataView(buffer, base);
  }

  readX(n: number): bigint {
    return n === 31 ? 0n : this.x[n]!;
  }

  writeX(n: number, value: bigint) {
    if (n !== 31) this.x[n] = value;
  }

  get sp(): bigint {
    return this.x[slot.sp]!;
  }

  set sp(value: bigint) {
    this.x[slot.sp] = value;
  }

  u32(offset: number): number {
    return this.view.getUint32(offset, true);
  }

  setU32(offset: number, value: number) {
    this.view.setUint32(offset, value, true);
  }

  u64(offset: number): bigint {
    return this.view.getBigUint64(offset, true);
  }

  setU64(offset: number, value: bigint) {
    this.view.setBigUint64(offset, value, true);
  }

  /** A signed word of 64 bits whose value a number holds exactly. */
  number(offset: number): number {
    return this.view.getInt32(offset + 4, true) * 2 ** 32 + this.view.getUint32(offset, true);
  }

  get pc(): bigint {
    return this.u64(cpuWord.pc);
  }

  set pc(value: bigint) {
    this.setU64(cpuWord.pc, value);
  }

  /** N, Z, C, V in bits 31 to 28. */
  get nzcv(): number {
    return this.u32(cpuWord.nzcv);
  }

  set nzcv(value: number) {
    this.setU32(cpuWord.nzcv, value);
  }

  /** PSTATE but for NZCV, in SPSR_EL1's places. */
  get pstate(): number {
    return this.u32(cpuWord.pstate);
  }

  set pstate(value: number) {
    this.setU32(cpuWord.pstate, value);
  }

  get fpcr(): number {
    return this.u32(cpuWord.fpcr);
  }

  set fpcr(value: number) {
    this.setU32(cpuWord.fpcr, value);
  }

  get fpsr(): number {
    return this.u32(cpuWord.fpsr);
  }

  set fpsr(value: number) {
    this.setU32(cpuWord.fpsr, value);
  }

  /** A system register that is plain storage. Throws RangeError for a name that is none. */
  system(name: string): bigint {
    return this.u64(placeOf(name));
  }

  setSystem(name: string, value: bigint) {
    this.setU64(placeOf(name), value);
  }
}

function placeOf(name: string): number {
  const offset = systemRegisterAt.get(name);
  if (offset === undefined) throw new RangeError(`the vcpu keeps no register ${name}`);
  return offset;
}
