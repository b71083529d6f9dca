// One format to another. Arm DDI 0487, "Shared pseudocode": FPConvert, FPConvertBF (BFCVT).

import { BFLOAT, type FloatFormat, FPDefaultNaN, FPInfinity, FPZero, HALF, SINGLE } from "./format.ts";
import { FPConvertNaN, FPProcessNaN } from "./nan.ts";
import { FPRoundCV } from "./round.ts";
import { AHP, DN, type FloatStatus, FPRoundingMode, IOC } from "./status.ts";
import { FPType_SNaN, FPUnpack, FPUnpackCV, isInfinity, isNaN, isZero, Unpacked } from "./unpack.ts";

const a = new Unpacked();

/** FCVT rounds as FPCR.RMode says, FCVTXN to odd; under FPCR.AHP half precision has no infinity or NaN. */
export function FPConvert(
  operand: bigint,
  from: FloatFormat,
  to: FloatFormat,
  rounding: number,
  status: FloatStatus,
): bigint {
  FPUnpackCV(a, operand, from, status);
  const alternative = to === HALF && (status.fpcr & AHP) !== 0;
  if (isNaN(a)) {
    if (alternative || a.type === FPType_SNaN) status.fpsr |= IOC;
    if (alternative) return FPZero(a.sign, to);
    return (status.fpcr & DN) !== 0 ? FPDefaultNaN(to) : FPConvertNaN(operand, from, to);
  }
  if (isInfinity(a)) {
    if (!alternative) return FPInfinity(a.sign, to);
    status.fpsr |= IOC;
    return FPZero(a.sign, to) | (to.signMask - 1n);
  }
  if (isZero(a)) return FPZero(a.sign, to);
  return FPRoundCV(a.sign, a.mantissa, a.exponent, to, status, rounding);
}

/** BFCVT: single precision to BFloat16. */
export function FPConvertBF(operand: bigint, status: FloatStatus): bigint {
  FPUnpack(a, operand, SINGLE, status);
  if (isNaN(a)) {
    const quiet = FPProcessNaN(a.type, operand, SINGLE, status);
    return FPConvertNaN(quiet, SINGLE, BFLOAT);
  }
  if (isInfinity(a)) return FPInfinity(a.sign, BFLOAT);
  if (isZero(a)) return FPZero(a.sign, BFLOAT);
  return FPRoundCV(a.sign, a.mantissa, a.exponent, BFLOAT, status, FPRoundingMode(status));
}
