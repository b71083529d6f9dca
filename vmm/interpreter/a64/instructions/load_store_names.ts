// How assembly writes the operands of loads and stores (Arm DDI 0487, "Load/Store addressing modes"; the spelling
// is binutils').

import type { Fields } from "../definition.ts";
import { generalRegister, registerOrSp } from "./assembly_names.ts";

/** "w3" or "x3"; 31 is the zero register. */
export const generalName = (letter: "w" | "x", n: number) => generalRegister(n, letter === "x" ? 1 : 0);

export const baseName = ({ Rn }: Fields) => registerOrSp(Rn!, 1);

/** "[x1]", "[x1, #8]" */
export const offsetAddress = (fields: Fields, offset: number) =>
  offset === 0 ? `[${baseName(fields)}]` : `[${baseName(fields)}, #${offset}]`;

/** "[x1, #8]!", "[x1], #8" */
export const preIndexedAddress = (fields: Fields, offset: number) => `[${baseName(fields)}, #${offset}]!`;
export const postIndexedAddress = (fields: Fields, offset: number) => `[${baseName(fields)}], #${offset}`;
