// The roundings to integers, which remain floating-point numbers (Arm DDI 0487, "FRINTA", "FRINTI", "FRINTM",
// "FRINTN", "FRINTP", "FRINTX", "FRINTZ", "FRINT32X", "FRINT32Z", "FRINT64X", "FRINT64Z").

import { FPRoundInt, FPRoundIntN } from "../float/integer.ts";
import {
  FPRounding_NEGINF,
  FPRounding_POSINF,
  FPRounding_TIEAWAY,
  FPRounding_TIEEVEN,
  FPRounding_ZERO,
  FPRoundingMode,
} from "../float/status.ts";
import type { Unary } from "./float_formats.ts";

const by = (rounding: number): Unary => (a, format, status) => FPRoundInt(a, rounding, false, format, status);

export const roundings = {
  FRINTN: by(FPRounding_TIEEVEN),
  FRINTP: by(FPRounding_POSINF),
  FRINTM: by(FPRounding_NEGINF),
  FRINTZ: by(FPRounding_ZERO),
  FRINTA: by(FPRounding_TIEAWAY),
  FRINTX: (a, format, status) => FPRoundInt(a, FPRoundingMode(status), true, format, status),
  FRINTI: (a, format, status) => FPRoundInt(a, FPRoundingMode(status), false, format, status),
} satisfies Readonly<Record<string, Unary>>;

export const roundingsToSizes = {
  FRINT32Z: (a, format, status) => FPRoundIntN(a, FPRounding_ZERO, 32, format, status),
  FRINT32X: (a, format, status) => FPRoundIntN(a, FPRoundingMode(status), 32, format, status),
  FRINT64Z: (a, format, status) => FPRoundIntN(a, FPRounding_ZERO, 64, format, status),
  FRINT64X: (a, format, status) => FPRoundIntN(a, FPRoundingMode(status), 64, format, status),
} satisfies Readonly<Record<string, Unary>>;

/** The roundings of conversions to integers by the letter in their names. */
export const roundingByLetter = {
  N: FPRounding_TIEEVEN,
  P: FPRounding_POSINF,
  M: FPRounding_NEGINF,
  Z: FPRounding_ZERO,
  A: FPRounding_TIEAWAY,
} as const;
