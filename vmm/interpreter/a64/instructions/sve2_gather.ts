// LDNT1 and STNT1 of elements at addresses of their own (Arm DDI 0487, "SVE encodings", "SVE2 32-bit gather
// non-temporal load", "SVE2 64-bit gather non-temporal load" and the scatter stores). That they are needed once
// only is a hint, of which nothing is made.

import type { Definition } from "../definition.ts";
import { sve2, z, zeroing } from "./sve_assembly.ts";
import { withSize } from "./sve_gather.ts";
import { gatherLoad, scatterStore } from "./sve_gather_code.ts";
import { basesAndScalar, type GatherMode } from "./sve_gather_modes.ts";
import { elementName } from "./sve_memory_elements.ts";

/** With `msz` and, of loads, `U` in them. */
const encodings: readonly (readonly [mode: GatherMode, load: string, store: string])[] = [
  [basesAndScalar.words, "1000010 msz 00 Rm:5 10U Pg:3 Zn:5 Zt:5", "1110010 msz 10 Rm:5 001 Pg:3 Zn:5 Zt:5"],
  [
    basesAndScalar.doublewords,
    "1100010 msz 00 Rm:5 1U0 Pg:3 Zn:5 Zt:5",
    "1110010 msz 00 Rm:5 001 Pg:3 Zn:5 Zt:5",
  ],
];

function load(mode: GatherMode, encoding: string, msz: number, isSigned: boolean): Definition {
  const { size } = mode, element = { msz, size, isSigned }, name = `ldnt1${elementName(element)}`;
  const bits = withSize(encoding, msz).replace("U", isSigned ? "0" : "1");
  return sve2(`${name.toUpperCase()} (${mode.name})`, bits, {
    assembly: (f) => `${name} {${z(f.Zt!, size)}}, ${zeroing(f)}, ${mode.text(f, msz)}`,
    ...gatherLoad(mode.code, element),
  });
}

function store(mode: GatherMode, encoding: string, msz: number): Definition {
  const { size } = mode, element = { msz, size, isSigned: false }, name = `stnt1${elementName(element)}`;
  return sve2(`${name.toUpperCase()} (${mode.name})`, withSize(encoding, msz), {
    assembly: (f) => `${name} {${z(f.Zt!, size)}}, p${f.Pg}, ${mode.text(f, msz)}`,
    ...scatterStore(mode.code, element),
  });
}

export const sve2Gather: readonly Definition[] = encodings.flatMap(([mode, loads, stores]) =>
  [0, 1, 2, 3].slice(0, mode.size + 1).flatMap((msz) => [
    load(mode, loads, msz, false),
    // What fills its lane has no sign to extend.
    ...(msz < mode.size ? [load(mode, loads, msz, true)] : []),
    store(mode, stores, msz),
  ])
);
