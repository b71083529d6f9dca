// SVE's instructions on integers and on lanes of whatever kind (Arm DDI 0487, "SVE encodings", "SVE Integer",
// "SVE Bitwise" and "SVE Permute Vector" groups).

import type { Definition } from "../definition.ts";
import { sveDotProduct } from "./sve_dot_product.ts";
import { sveElementCount } from "./sve_element_count.ts";
import { sveIndexAddress } from "./sve_index_address.ts";
import { sveIntegerBinary } from "./sve_integer_binary.ts";
import { sveIntegerCompare } from "./sve_integer_compare.ts";
import { sveIntegerReduce } from "./sve_integer_reduce.ts";
import { sveIntegerUnary } from "./sve_integer_unary.ts";
import { sveIntegerUnpredicated } from "./sve_integer_unpredicated.ts";
import { sveMultiplyAdd } from "./sve_multiply_add.ts";
import { svePermute } from "./sve_permute.ts";
import { svePermutePredicated } from "./sve_permute_predicated.ts";
import { sveShiftImmediate } from "./sve_shift_immediate.ts";
import { sveStackAllocation } from "./sve_stack_allocation.ts";
import { sveWideImmediate } from "./sve_wide_immediate.ts";

export const sveIntegerInstructions: readonly Definition[] = [
  ...sveStackAllocation,
  ...sveElementCount,
  ...sveWideImmediate,
  ...sveIndexAddress,
  ...sveIntegerUnpredicated,
  ...sveIntegerBinary,
  ...sveIntegerUnary,
  ...sveShiftImmediate,
  ...sveMultiplyAdd,
  ...sveDotProduct,
  ...sveIntegerCompare,
  ...sveIntegerReduce,
  ...svePermute,
  ...svePermutePredicated,
];
