// The instructions of the second Scalable Vector Extension and of its parts (Arm DDI 0487, "SVE encodings").

import type { Definition } from "../definition.ts";
import { sve2Accumulate } from "./sve2_accumulate.ts";
import { sve2Bitwise } from "./sve2_bitwise.ts";
import { sve2CompareScalars } from "./sve2_compare_scalars.ts";
import { sve2Complex } from "./sve2_complex.ts";
import { sve2Crypto } from "./sve2_crypto.ts";
import { sve2Float } from "./sve2_float.ts";
import { sve2Gather } from "./sve2_gather.ts";
import { sve2LongProducts } from "./sve2_long_products.ts";
import { sve2Narrowing } from "./sve2_narrowing.ts";
import { sve2Permute } from "./sve2_permute.ts";
import { sve2Predicated } from "./sve2_predicated.ts";
import { sve2Products } from "./sve2_products.ts";
import { sve2Search } from "./sve2_search.ts";
import { sve2Shifts } from "./sve2_shifts.ts";
import { sve2Widening } from "./sve2_widening.ts";

export const sve2IntegerInstructions: readonly Definition[] = [
  ...sve2Products,
  ...sve2LongProducts,
  ...sve2Complex,
  ...sve2Widening,
  ...sve2Narrowing,
  ...sve2Shifts,
  ...sve2Predicated,
  ...sve2Accumulate,
  ...sve2Bitwise,
  ...sve2Crypto,
  ...sve2Permute,
  ...sve2Search,
  ...sve2CompareScalars,
];

export const sve2Instructions: readonly Definition[] = [
  ...sve2IntegerInstructions,
  ...sve2Float,
  ...sve2Gather,
];
