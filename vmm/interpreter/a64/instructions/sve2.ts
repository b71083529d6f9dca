// The instructions of the second Scalable Vector Extension and of its parts (Arm DDI 0487, "SVE encodings").

import type { Definition } from "../definition.ts";
import { sve2LongProducts } from "./sve2_long_products.ts";
import { sve2Narrowing } from "./sve2_narrowing.ts";
import { sve2Predicated } from "./sve2_predicated.ts";
import { sve2Products } from "./sve2_products.ts";
import { sve2Shifts } from "./sve2_shifts.ts";
import { sve2Widening } from "./sve2_widening.ts";

export const sve2Instructions: readonly Definition[] = [
  ...sve2Products,
  ...sve2LongProducts,
  ...sve2Widening,
  ...sve2Narrowing,
  ...sve2Shifts,
  ...sve2Predicated,
];
