// SVE's instructions on predicates (Arm DDI 0487, "SVE encodings", "SVE Predicate" groups and "SVE Integer
// Compare - Scalars").

import type { Definition } from "../definition.ts";
import { sveCompareScalars } from "./sve_compare_scalars.ts";
import { svePermutePredicate } from "./sve_permute_predicate.ts";
import { svePredicateBreak } from "./sve_predicate_break.ts";
import { svePredicateCount } from "./sve_predicate_count.ts";
import { svePredicateLogical } from "./sve_predicate_logical.ts";
import { svePredicateSet } from "./sve_predicate_set.ts";

export const svePredicateInstructions: readonly Definition[] = [
  ...svePredicateSet,
  ...svePredicateLogical,
  ...svePredicateBreak,
  ...svePredicateCount,
  ...svePermutePredicate,
  ...sveCompareScalars,
];
