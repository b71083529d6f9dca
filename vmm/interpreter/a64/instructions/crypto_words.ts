// The vector registers as the cryptographic functions see them: an array of little-endian words.

import type { Cpu } from "../cpu.ts";
import { vectorBytes } from "../cpu_layout.ts";

const views = new WeakMap<Cpu, Uint32Array>();

/** All the vector registers' words. */
export function words(cpu: Cpu): Uint32Array {
  let view = views.get(cpu);
  if (!view) {
    view = new Uint32Array(cpu.v.buffer, cpu.v.byteOffset, cpu.v.byteLength / 4);
    views.set(cpu, view);
  }
  return view;
}

/** Where a vector register begins. */
export const wordIndex = (n: number) => n * vectorBytes / 4;
