// Of vectors of integers: AdvSIMD's, SVE's and SVE2's.

import { type Rule, signOf, words } from "./rule.ts";

/** R: rounding, Q: saturating, in names such as SQRSHRN. */
const manner = (letters: string) =>
  words(letters.includes("Q") && "saturating", letters.includes("R") && "rounding");
const shape: Readonly<Record<string, string>> = {
  L: ", with lanes twice as wide as the operands'",
  W: ", the second operand's lanes half as wide",
  HN: ", of which the upper half is kept",
};

export const vectors: readonly Rule[] = [
  [
    /^F?(MAX|MIN|MAXNM|MINNM)V$|^[SU](MAX|MIN)V$|^F(MAX|MIN)(NM)?V$/,
    "The greatest or least lane of the vector.",
  ],
  [/^F?ADDV$|^[SU]ADD(L)?V$/, "The sum of all lanes."],
  [/^FADDA$/, "Adds all lanes, one after the other in their order, to a scalar."],
  [/^(OR|EOR|AND)V$/, "Combines all lanes into one, bit by bit."],
  [
    /^([SU])(R)?H(ADD|SUB)(R)?$/,
    ([, sign, r, kind]) =>
      `Half of the ${signOf(sign)} ${kind === "ADD" ? "sum" : "difference"} in each lane${
        r ? ", rounded" : ""
      }.`,
  ],
  [
    /^([SU])QR?(ADD|SUB)R?$/,
    ([, sign, kind]) =>
      `${kind === "ADD" ? "Adds" : "Subtracts"} in each lane, with ${signOf(sign)} saturation.`,
  ],
  [/^(SU|US)QADD$/, "Adds lanes of which one operand is signed and the other is not, saturating."],
  [
    /^(R)?(ADD|SUB)HN[TB]?$/,
    ([, r, kind]) =>
      `The upper half of each ${kind === "ADD" ? "sum" : "difference"}${r ? ", rounded" : ""}.`,
  ],
  [
    /^([SU])(ADD|SUB)([LW])[TB]*$/,
    ([, sign, kind, form]) => `${kind === "ADD" ? "Adds" : "Subtracts"}, ${signOf(sign)}${shape[form!]}.`,
  ],
  [
    /^([SU])(ABD|ABA)(L)?[TB]?$/,
    ([, sign, kind, long]) =>
      `The ${signOf(sign)} absolute difference of each lane${
        kind === "ABA" ? ", added to the destination" : ""
      }${long ? shape.L : ""}.`,
  ],
  [/^F(ABD)$/, "The absolute difference of each lane."],
  [
    /^([SU])(MAX|MIN)P?$/,
    ([, sign, kind]) =>
      `The ${signOf(sign)} ${kind === "MAX" ? "maximum" : "minimum"} of each pair of lanes.`,
  ],
  [
    /^F(ADD|MAX|MIN|MAXNM|MINNM)P$|^ADDP$|^[SU](ADA?D?LP|ADDLP)$|^[SU]ADALP$/,
    "Combines neighbouring lanes, pair by pair.",
  ],
  [
    /^CM(P)?(GT|HI|GE|HS|EQ|NE|LT|LE|LO|LS|TST)$|^FCM(GT|GE|EQ|NE|LT|LE|UO)$|^FAC(GE|GT|LE|LT)$/,
    "Compares each lane: all ones, or an active predicate element, where it holds.",
  ],
  [
    /^([SU])(Q?)(R?)SHL(R)?$/,
    ([, sign, q, r]) =>
      `Shifts each lane by the amount in the second operand's, to the right where it is negative: ${
        words(manner(q! + r!), signOf(sign))
      }.`,
  ],
  [/^SQSHLU$/, "Shifts signed lanes to the left, saturating to unsigned ones."],
  [
    /^([SU])(R?)S(HR|RA)$/,
    ([, sign, r, kind]) =>
      `Shifts each lane to the right, ${words(signOf(sign), r && "rounding")}${
        kind === "RA" ? ", and adds it to the destination" : ""
      }.`,
  ],
  [
    /^([SU])?(Q?)(R?)SHRU?N[TB]?$/,
    ([, sign, q, r]) =>
      `Shifts each lane to the right and keeps its lower half: ${
        words(manner(q! + r!), signOf(sign)) || "plain"
      }.`,
  ],
  [/^([SU]?)SHLL[TB]?$/, "Widens each lane and shifts it to the left."],
  [/^(SHL)$/, "Shifts each lane to the left."],
  [
    /^S([RL])I$/,
    ([, way]) =>
      `Shifts each lane to the ${
        way === "R" ? "right" : "left"
      } and inserts it: the bits that come free keep the destination's.`,
  ],
  [/^ASRD$/, "Shifts to the right as a division by a power of two, rounding towards zero."],
  [
    /^SQ(R)?DM(ULH|LAH|LSH)$/,
    ([, r, kind]) =>
      `The upper half of the doubled product${r ? ", rounded" : ""}${
        kind === "ULH" ? "" : kind === "LAH" ? ", added" : ", subtracted"
      }; saturating.`,
  ],
  [
    /^SQDM(LAL|LSL|ULL)[TB]*$/,
    "The doubled product with lanes twice as wide, alone or added or subtracted; saturating.",
  ],
  [
    /^([SU])M(LAL|LSL|ULL)[TB]?$/,
    ([, sign, kind]) =>
      `The ${signOf(sign)} product${shape.L}${
        kind === "ULL"
          ? ""
          : kind === "LAL"
          ? ", added to the destination"
          : ", subtracted from the destination"
      }.`,
  ],
  [/^ML([AS])$|^M(AD|SB)$/, "The product of each lane, added to or subtracted from a third."],
  [/^MUL$/, "The low half of the product of each lane."],
  [
    /^PMUL(L)?[TB]?$/,
    "The product of polynomials over the field of two elements: a multiplication without carries.",
  ],
  [/^(SU|US|[SU])DOT$/, "The products of four bytes, or halfwords, of each lane, summed into the lane."],
  [/^(SU|US|[SU])MMLA$/, "Multiplies two matrices of bytes into a matrix of four words."],
  [/^F?ABS$/, "The absolute value of each lane."],
  [/^F?NEG$/, "The negative of each lane."],
  [/^SQ(ABS|NEG)$/, "The absolute value, or the negative, of each lane; saturating."],
  [/^(NOT)$/, "Inverts all bits."],
  [/^CNOT$/, "One where the lane is zero, else zero."],
  [/^BS(L)$|^BI[TF]$/, "Takes each bit from one operand or the other, as a third says."],
  [
    /^U(RECPE|RSQRTE)$|^FR(ECP|SQRT)[ESX]$/,
    "An estimate, or a refining step, of the reciprocal or of that of the square root.",
  ],
  [/^([SU]?)(Q?)XTU?N[TB]?$/, "Keeps the lower half of each lane, saturating where the name says so."],
  [/^[SU]XT[BHW]$/, "Extends the low byte, halfword or word of each lane."],
  [/^DUP$|^F?CPY$|^FDUP$|^DUPM$/, "Fills the lanes with one value."],
  [/^INS$/, "Replaces one lane."],
  [/^([SU])MOV$/, "Moves one lane to a general register, extended."],
  [/^MOVI$|^MVNI$/, "Fills the lanes with an immediate, or its inverse."],
  [/^FMOV$/, "Moves a floating-point value, or bits between the register files."],
  [
    /^(UZP|TRN|ZIP)[12]$/,
    "Rearranges the lanes of two vectors: every second one, transposed, or interleaved.",
  ],
  [/^EXT$/, "Takes a vector's width of bytes out of two vectors side by side."],
  [/^TB[LX]$/, "Looks each lane up in a table of registers; what is out of range is zero, or (TBX) stays."],
  [/^INSR$/, "Moves all lanes up by one and inserts a scalar below."],
  [/^[SU]UNPK(LO|HI)$|^PUNPK(LO|HI)$/, "Widens one half of the lanes."],
  [/^COMPACT$/, "Moves the active lanes together to the low end."],
  [/^SPLICE$/, "The active stretch of the first vector, followed by the second."],
  [/^C?LAST[AB]$/, "The last active lane, or the one after it."],
  [/^SEL$/, "Takes each lane from the first vector where the predicate is set, else from the second."],
  [/^INDEX$/, "The lanes count up from a base by a step."],
  [/^MOVPRFX$/, "Copies a register, for the instruction after it, which would else destroy it."],
  [/^SUBR$/, "Subtracts the first operand from the second."],
  [/^(ADCL|SBCL)[BT]$/, "Adds or subtracts with a carry that comes from, and goes to, lanes of a vector."],
  [/^(MATCH|NMATCH)$/, "Says for each element whether any of a segment is equal to it, or none."],
  [/^HIST(CNT|SEG)$/, "Counts for each element how many others are equal to it."],
  [/^B(EXT|DEP|GRP)$/, "Gathers, scatters or groups the bits that a mask selects."],
  [/^(BSL[12]N|NBSL)$/, "Takes each bit from one operand or the other, as a third says, with inversions."],
  [/^EOR(BT|TB)$/, "Exclusive OR of even elements with odd ones."],
  [
    /^(CADD|SQCADD|CMLA|CDOT|SQRDCMLAH)$/,
    "Computes with complex integers, one of them rotated by a multiple of 90 degrees.",
  ],
];
