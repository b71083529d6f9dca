// Lanes of the vector registers for AdvSIMD instructions whose meaning is TypeScript (Arm DDI 0487, shared
// pseudocode "Elem", "SatQ" and "FPSR.QC").

import type { Cpu } from "./cpu.ts";
import { vectorBytes } from "./cpu_layout.ts";

/** FPSR.QC, the cumulative saturation bit. */
const QC = 1 << 27;

/** What a lane's computation knows of it, and where it tells that a result did not fit. */
export class Lane {
  readonly #signedBits: number;
  saturated = false;

  /** @param bits of the result */
  constructor(readonly bits: number, readonly isSigned: boolean) {
    this.#signedBits = bits - 1;
  }

  /** The nearest number that there is. */
  fit(value: bigint, isSigned = this.isSigned): bigint {
    const least = isSigned ? -(1n << BigInt(this.#signedBits)) : 0n;
    const most = (1n << BigInt(isSigned ? this.#signedBits : this.bits)) - 1n;
    if (value >= least && value <= most) return value;
    this.saturated = true;
    return value < least ? least : most;
  }

  /** Tells FPSR, after all lanes. */
  report(cpu: Cpu) {
    if (this.saturated) cpu.fpsr |= QC;
  }
}

export function readLane(cpu: Cpu, n: number, lane: number, bits: number, isSigned: boolean): bigint {
  const at = n * vectorBytes + lane * bits / 8;
  const { vectors } = cpu;
  switch (bits) {
    case 8:
      return BigInt(isSigned ? vectors.getInt8(at) : vectors.getUint8(at));
    case 16:
      return BigInt(isSigned ? vectors.getInt16(at, true) : vectors.getUint16(at, true));
    case 32:
      return BigInt(isSigned ? vectors.getInt32(at, true) : vectors.getUint32(at, true));
    default:
      return isSigned ? vectors.getBigInt64(at, true) : vectors.getBigUint64(at, true);
  }
}

/** Writes lanes, modulo their width, from lane `first` on. */
export function putLanes(cpu: Cpu, n: number, bits: number, values: readonly bigint[], first = 0) {
  const { vectors } = cpu;
  values.forEach((value, lane) => {
    const at = n * vectorBytes + (first + lane) * bits / 8;
    if (bits === 64) return vectors.setBigUint64(at, BigInt.asUintN(64, value), true);
    const number = Number(BigInt.asIntN(bits, value));
    if (bits === 8) vectors.setInt8(at, number);
    else if (bits === 16) vectors.setInt16(at, number, true);
    else vectors.setInt32(at, number, true);
  });
}

/** Writes a register: these lanes, and zeroes above them. */
export function writeLanes(cpu: Cpu, n: number, bits: number, values: readonly bigint[]) {
  clearAbove(cpu, n, 0);
  putLanes(cpu, n, bits, values);
}

/** Clears a register from a byte on. */
export function clearAbove(cpu: Cpu, n: number, byte: number) {
  cpu.v.fill(0, n * vectorBytes + byte, (n + 1) * vectorBytes);
}
