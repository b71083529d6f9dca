// The condition flags of a result, N, Z, C and V in bits 31 to 28 (Arm DDI 0487, shared pseudocode
// "AddWithCarry"). Operands of 32 bits are zero-extended.

import type { Fields } from "../definition.ts";
import {
  and,
  and32,
  const32,
  const64,
  eqz,
  eqz32,
  geU,
  type I32,
  type I64,
  ltU,
  not,
  or,
  or32,
  shl32,
  shrU,
  shrU32,
  wrap,
  xor,
} from "../vocabulary.ts";

export const flag = { N: 0x8000_0000, Z: 0x4000_0000, C: 0x2000_0000, V: 0x1000_0000 } as const;
const signBit = 63;

/** The sign bit of a value, as the flag whose bit is `to`. */
function signAs({ sf }: Fields, value: I64, to: number): I32 {
  const bit = 31 - Math.clz32(to);
  if (sf) return and32(wrap(shrU(value, const64(signBit - bit))), const32(to));
  return and32(bit === 31 ? wrap(value) : shrU32(wrap(value), const32(31 - bit)), const32(to));
}

const zero = ({ sf }: Fields, result: I64): I32 => shl32(sf ? eqz(result) : eqz32(wrap(result)), const32(30));

/** N and Z; C and V are 0. */
export const logicalFlags = (width: Fields, result: I64): I32 =>
  or32(signAs(width, result, flag.N), zero(width, result));

/** Of `a + b`; the sum of 32-bit operands has its 33 bits. */
export function additionFlags(width: Fields, a: I64, b: I64, sum: I64): I32 {
  const carry = width.sf
    ? shl32(ltU(sum, a), const32(29))
    : and32(wrap(shrU(sum, const64(3))), const32(flag.C));
  const overflow = signAs(width, and(xor(a, sum), xor(b, sum)), flag.V);
  return or32(or32(logicalFlags(width, sum), carry), overflow);
}

/** Of `a - b`. */
export function subtractionFlags(width: Fields, a: I64, b: I64, difference: I64): I32 {
  const carry = shl32(geU(a, b), const32(29));
  const overflow = signAs(width, and(xor(a, b), xor(a, difference)), flag.V);
  return or32(or32(logicalFlags(width, difference), carry), overflow);
}

/** Of `a + b` and a carry. */
export function carriedFlags(width: Fields, a: I64, b: I64, sum: I64): I32 {
  const carry = signAs(width, or(and(a, b), and(or(a, b), not(sum))), flag.C);
  const overflow = signAs(width, and(xor(a, sum), xor(b, sum)), flag.V);
  return or32(or32(logicalFlags(width, sum), carry), overflow);
}
