// Results of half the width: XTN and its like write the lower half of Rd and clear the upper one, XTN2 writes
// the upper one and keeps the lower (Arm DDI 0487, shared pseudocode "Vpart").

import type { Fields } from "../definition.ts";
import { everySecond, keepLow, pick } from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import { sequence, type V128 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { limitToHalf, noteSaturation } from "./simd_saturation.ts";

/** @param wide has the results in its even lanes of the narrow size; or in the odd ones */
export function setNarrow(t: Target, { size, Q }: Fields, wide: V128, isOdd: boolean): Statement {
  const narrow = everySecond(size!, wide, wide, isOdd);
  return t.setQ(
    "Rd",
    Q ? pick(t.q("Rd"), narrow, (byte) => byte < 8 ? byte : 16 + byte) : keepLow(8, narrow),
  );
}

/** Which of its numbers are signed. */
export interface SaturatingNarrow {
  readonly isSigned: boolean;
  readonly givesSigned: boolean;
}

/** The lanes of `wide`, each saturated to half its width. */
export const setSaturatedNarrow = (
  t: Target,
  form: Fields,
  { isSigned, givesSigned }: SaturatingNarrow,
  wide: V128,
): Statement =>
  limitToHalf(
    form.size! + 1,
    isSigned,
    givesSigned,
    wide,
    (saturated, modular) =>
      sequence(noteSaturation(t, saturated, modular), setNarrow(t, form, saturated, false)),
  );

/** The same of the lowest lane alone. */
export function setSaturatedScalar(
  t: Target,
  size: number,
  { isSigned, givesSigned }: SaturatingNarrow,
  wide: V128,
): Statement {
  const bytes = 1 << size;
  return limitToHalf(
    size + 1,
    isSigned,
    givesSigned,
    keepLow(2 * bytes, wide),
    (saturated, modular) =>
      sequence(noteSaturation(t, saturated, modular), t.setQ("Rd", keepLow(bytes, saturated))),
  );
}
