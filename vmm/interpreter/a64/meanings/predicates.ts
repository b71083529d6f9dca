// Of SVE's predicates and counts.

import type { Rule } from "./rule.ts";

export const predicates: readonly Rule[] = [
  [/^PTRUE/, "Sets as many elements of the predicate as the pattern says."],
  [/^PFALSE$/, "Clears the predicate."],
  [/^PTEST$/, "Sets the flags by which active elements are set: the first, any, the last."],
  [/^P(FIRST|NEXT)$/, "Sets the first, or the next, active element alone."],
  [/^(RDFFR|WRFFR|SETFFR)/, "Reads, writes or sets the first-fault register."],
  [/^(NOR|NAND)/, "Combines two predicates, inverted."],
  [/^BRK/, "Keeps the elements up to the first that is set, before it or with it."],
  [/^CNTP$/, "Counts the active elements that are set."],
  [
    /^(SQ|UQ)?(INC|DEC)P?$/,
    "Adds or subtracts the number of elements, of the vector or of a predicate, saturating where the name says so.",
  ],
  [/^CNT[BHWD]$/, "The number of elements of a vector, as the pattern says, times a factor."],
  [
    /^WHILE/,
    "Sets the elements for which the counter still compares so with the limit: the loop's predicate.",
  ],
  [/^CTERM/, "Sets the flags for leaving a loop early."],
  [/^ADD[VP]L$/, "Adds a multiple of the vector's, or predicate's, length in bytes."],
  [/^RDVL$/, "The vector's length in bytes, times a factor."],
];
