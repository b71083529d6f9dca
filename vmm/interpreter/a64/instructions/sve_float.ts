// SVE's instructions on floating-point numbers (Arm DDI 0487, "SVE encodings", "SVE Floating-Point" groups).

import type { Definition } from "../definition.ts";
import { sveBfloatInstructions } from "./sve_bfloat.ts";
import { sveFloatArithmetic } from "./sve_float_arithmetic.ts";
import { sveFloatCompare } from "./sve_float_compare.ts";
import { sveFloatComplex } from "./sve_float_complex.ts";
import { sveFloatConvert } from "./sve_float_convert.ts";
import { sveFloatIndexed } from "./sve_float_indexed.ts";
import { sveFloatMatrix } from "./sve_float_matrix.ts";
import { sveFloatMultiplyAdd } from "./sve_float_multiply_add.ts";
import { sveFloatReduce } from "./sve_float_reduce.ts";
import { sveFloatTrigonometry } from "./sve_float_trigonometry.ts";
import { sveFloatUnary } from "./sve_float_unary.ts";

export const sveFloatInstructions: readonly Definition[] = [
  ...sveFloatArithmetic,
  ...sveFloatUnary,
  ...sveFloatConvert,
  ...sveFloatCompare,
  ...sveFloatMultiplyAdd,
  ...sveFloatIndexed,
  ...sveFloatReduce,
  ...sveFloatComplex,
  ...sveFloatTrigonometry,
  ...sveFloatMatrix,
  ...sveBfloatInstructions,
];
