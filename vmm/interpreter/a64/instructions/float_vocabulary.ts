// The words in which the fast paths of floating-point instructions are defined: scalars in vector registers, and
// WebAssembly's arithmetic on them (WebAssembly Core Specification, "Numeric Instructions", "Vector Instructions").

import type { FloatFormat } from "../float/format.ts";
import { const64, type I64, shl, shrU, type V128 } from "../vocabulary.ts";
import { extract64 } from "../simd_vocabulary.ts";

const prefix = 0xfd;

/** The lowest lane's bits, extended by zeroes. */
export function laneBits({ bits }: FloatFormat, vector: V128): I64 {
  const low = extract64(vector, 0);
  const unused = const64(64 - bits);
  return bits === 64 ? low : shrU(shl(low, unused), unused);
}

/** A vector whose lowest lane has the value's low bits, and the others zeroes. */
export const scalarOf = ({ bits }: FloatFormat, value: I64): V128 => (c) => {
  const unused = const64(64 - bits);
  c.i64(0);
  c.op(prefix, 0x12);
  (bits === 64 ? value : shrU(shl(value, unused), unused))(c);
  c.op(prefix, 0x1e, 0);
};
