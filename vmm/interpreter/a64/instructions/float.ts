// The floating-point instructions, of scalars and of vectors (Arm DDI 0487, "A64 instruction set encoding",
// "Data Processing -- Scalar Floating-Point and Advanced SIMD").

import type { Definition } from "../definition.ts";
import { floatCompare } from "./float_compare.ts";
import { floatConditionalSelect } from "./float_conditional_select.ts";
import { floatConvertFixed } from "./float_convert_fixed.ts";
import { floatConvertInteger } from "./float_convert_integer.ts";
import { floatDataProcessing1Source } from "./float_data_processing_1_source.ts";
import { floatDataProcessing2Source } from "./float_data_processing_2_source.ts";
import { floatDataProcessing3Source } from "./float_data_processing_3_source.ts";
import { floatImmediate } from "./float_immediate.ts";
import { floatMoveGeneral } from "./float_move_general.ts";
import { simdFloatBfloat } from "./simd_float_bfloat.ts";
import { simdFloatByElement } from "./simd_float_by_element.ts";
import { simdFloatComplex } from "./simd_float_complex.ts";
import { simdFloatFixedPoint } from "./simd_float_fixed_point.ts";
import { simdFloatReduce } from "./simd_float_reduce.ts";
import { simdFloatThreeSame } from "./simd_float_three_same.ts";
import { simdFloatTwoRegister } from "./simd_float_two_register.ts";
import { simdFloatWidening } from "./simd_float_widening.ts";
import { simdFloatWidth } from "./simd_float_width.ts";

export const scalarFloatInstructions: readonly Definition[] = [
  ...floatDataProcessing1Source,
  ...floatDataProcessing2Source,
  ...floatDataProcessing3Source,
  ...floatCompare,
  ...floatConditionalSelect,
  ...floatImmediate,
  ...floatConvertInteger,
  ...floatConvertFixed,
  ...floatMoveGeneral,
];

export const simdFloatInstructions: readonly Definition[] = [
  ...simdFloatThreeSame,
  ...simdFloatTwoRegister,
  ...simdFloatWidth,
  ...simdFloatReduce,
  ...simdFloatByElement,
  ...simdFloatComplex,
  ...simdFloatWidening,
  ...simdFloatBfloat,
  ...simdFloatFixedPoint,
];

export const floatInstructions: readonly Definition[] = [
  ...scalarFloatInstructions,
  ...simdFloatInstructions,
];
