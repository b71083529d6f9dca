// All AdvSIMD instructions of integers (Arm DDI 0487, "Data Processing -- Scalar Floating-Point and Advanced
// SIMD").

import type { Definition } from "../definition.ts";
import { simdAcrossLanes } from "./simd_across_lanes.ts";
import { simdByElement } from "./simd_by_element.ts";
import { simdCopy } from "./simd_copy.ts";
import { simdDotProduct } from "./simd_dot_product.ts";
import { simdModifiedImmediate } from "./simd_modified_immediate.ts";
import { simdPermute } from "./simd_permute.ts";
import { simdShiftImmediate } from "./simd_shift_immediate.ts";
import { simdShiftImmediateWidths } from "./simd_shift_immediate_widths.ts";
import { simdTableLookup } from "./simd_table_lookup.ts";
import { simdThreeDifferent } from "./simd_three_different.ts";
import { simdThreeSame } from "./simd_three_same.ts";
import { simdThreeSameExtra } from "./simd_three_same_extra.ts";
import { simdTwoRegisterMiscellaneous } from "./simd_two_register_miscellaneous.ts";
import { simdTwoRegisterWidths } from "./simd_two_register_widths.ts";

export const simdInstructions: readonly Definition[] = [
  ...simdThreeSame,
  ...simdThreeSameExtra,
  ...simdThreeDifferent,
  ...simdTwoRegisterMiscellaneous,
  ...simdTwoRegisterWidths,
  ...simdAcrossLanes,
  ...simdCopy,
  ...simdModifiedImmediate,
  ...simdShiftImmediate,
  ...simdShiftImmediateWidths,
  ...simdPermute,
  ...simdTableLookup,
  ...simdByElement,
  ...simdDotProduct,
];
