// Which NaN an operation returns. Arm DDI 0487, "Shared pseudocode": FPProcessNaN, FPProcessNaNs,
// FPProcessNaNs3, FPConvertNaN.

import { type FloatFormat, FPDefaultNaN } from "./format.ts";
import { DN, type FloatStatus, IOC } from "./status.ts";
import { FPType_QNaN, FPType_SNaN, type Unpacked } from "./unpack.ts";

/** `operand` is a NaN of type `type`. */
export function FPProcessNaN(
  type: number,
  operand: bigint,
  format: FloatFormat,
  status: FloatStatus,
): bigint {
  if (type === FPType_SNaN) status.fpsr |= IOC;
  return (status.fpcr & DN) !== 0 ? FPDefaultNaN(format) : operand | format.quietBit;
}

/** At least one is a NaN: the first signalling one, else the first quiet one. */
export function FPProcessNaNs(
  a: Unpacked,
  b: Unpacked,
  op1: bigint,
  op2: bigint,
  format: FloatFormat,
  status: FloatStatus,
): bigint {
  const first = a.type === FPType_SNaN || (b.type !== FPType_SNaN && a.type === FPType_QNaN);
  return first ? FPProcessNaN(a.type, op1, format, status) : FPProcessNaN(b.type, op2, format, status);
}

/** At least one is a NaN: the first signalling one, else the first quiet one. */
export function FPProcessNaNs3(
  a: Unpacked,
  b: Unpacked,
  c: Unpacked,
  op1: bigint,
  op2: bigint,
  op3: bigint,
  format: FloatFormat,
  status: FloatStatus,
): bigint {
  if (a.type === FPType_SNaN) return FPProcessNaN(a.type, op1, format, status);
  if (b.type === FPType_SNaN || c.type === FPType_SNaN) {
    return FPProcessNaNs(b, c, op2, op3, format, status);
  }
  if (a.type === FPType_QNaN) return FPProcessNaN(a.type, op1, format, status);
  return FPProcessNaNs(b, c, op2, op3, format, status);
}

/** A quiet NaN in another format: the sign and the fraction's most significant bits are kept. */
export function FPConvertNaN(operand: bigint, from: FloatFormat, to: FloatFormat): bigint {
  const fraction = operand & from.fractionMask;
  const shift = to.fraction - from.fraction;
  const kept = shift >= 0n ? fraction << shift : fraction >> -shift;
  const sign = (operand & from.signMask) !== 0n ? to.signMask : 0n;
  return sign | to.infinity | to.quietBit | kept;
}
