// sve_state.c, and what it prints.

import type { ArchiveEntry } from "../newc.ts";
import { compiled } from "./compile.ts";

/** `/sve_state` for an initramfs; its arguments are vector lengths in bytes. */
export const sveStateProgram = (): Promise<ArchiveEntry> => compiled("sve_state", "-march=armv8.2-a+sve");

/** What it prints when nothing was lost, in lines that may be in any order but for the last. */
export const intactLines = (lengths: readonly number[]) => [
  ...lengths.map((length) => `vl ${length}: intact`),
  "sve state: intact",
];
