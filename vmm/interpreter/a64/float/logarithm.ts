// The exponent of a number as an integer. Arm DDI 0487, "Shared pseudocode": FPLogB (FLOGB).

import type { FloatFormat } from "./format.ts";
import { type FloatStatus, IOC } from "./status.ts";
import { FPUnpack, isInfinity, isNaN, isZero, Unpacked } from "./unpack.ts";

const a = new Unpacked();

/** A signed number: of infinity the greatest; of zero, and of what is none, the least. */
export function FPLogB(operand: bigint, format: FloatFormat, status: FloatStatus): bigint {
  FPUnpack(a, operand, format, status);
  if (isNaN(a) || isZero(a)) {
    status.fpsr |= IOC;
    return -format.signMask;
  }
  if (isInfinity(a)) return format.signMask - 1n;
  return BigInt(a.exponent + a.mantissa.toString(2).length - 1);
}
