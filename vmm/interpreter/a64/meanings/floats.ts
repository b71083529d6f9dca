// Of floating-point numbers.

import type { Rule } from "./rule.ts";

export const floats: readonly Rule[] = [
  [
    /^F(N)?(ADD|SUB|MUL|DIV)(R)?$/,
    ([, n, kind, r]) =>
      `${
        ({ ADD: "Adds", SUB: "Subtracts", MUL: "Multiplies", DIV: "Divides" })[kind!]
      } floating-point numbers, rounded by FPCR${n ? ", and negates" : ""}${
        r ? ", with the operands exchanged" : ""
      }.`,
  ],
  [/^FMULX$/, "Multiplies; zero times infinity is two."],
  [
    /^F(MAX|MIN)(NM)?$/,
    ([, kind, nm]) =>
      `The ${kind === "MAX" ? "greater" : "lesser"} floating-point number${
        nm ? "; a number wins over a quiet NaN" : "; a NaN wins"
      }.`,
  ],
  [/^F(N)?M(ADD|SUB|AD|SB|LA|LS)$/, "Multiplies and adds or subtracts, rounded once: fused."],
  [
    /^FML([AS])L(2|B|T)?$/,
    "Multiplies half-precision lanes and adds them to, or subtracts them from, single-precision ones.",
  ],
  [
    /^FC(ADD|MLA)$/,
    "Adds, or multiplies and adds, complex numbers, one of them rotated by a multiple of 90 degrees.",
  ],
  [/^FSQRT$/, "The square root."],
  [/^FRINT/, "Rounds to an integral number, in the way that the name gives."],
  [/^FCMPE?$/, "Compares two floating-point numbers and sets the flags; NaN is unordered."],
  [/^FCCMPE?$/, "If the condition holds, compares two floating-point numbers; else sets the given flags."],
  [/^FCSEL$/, "Takes one floating-point register or the other, by the condition."],
  [/^FJCVTZS$/, "Converts to a 32-bit integer as JavaScript does: modulo 2^32."],
  [
    /^FCVT[NAPMZ][SU]$/,
    "Converts a floating-point number to an integer, rounding in the way that the name gives; saturating.",
  ],
  [/^[SU]CVTF$/, "Converts an integer to a floating-point number."],
  [
    /^(B?FCVT|FCVT[LNX]|FCVTXN|BFCVTN|BFCVTNT|FCVT[LN]T|FCVTX(NT)?)$/,
    "Converts between floating-point formats.",
  ],
  [/^FSCALE$/, "Multiplies by a power of two."],
  [/^F(TMAD|TSMUL|TSSEL|EXPA)$/, "A step of computing a trigonometric or exponential function."],
  [/^FLOGB$/, "The exponent, as an integer."],
  [/^B?FMMLA$/, "Multiplies two matrices and adds them to a third."],
  [/^BF(DOT|MLAL[BT]?)/, "Multiplies bfloat16 lanes and adds them to single-precision ones."],
];
