// LD1, LDFF1 and ST1 of elements at addresses of their own (Arm DDI 0487, "SVE encodings", "SVE Memory -
// 32-bit Gather and Unsized Contiguous", "SVE Memory - 64-bit Gather", and the scatter stores of "SVE Memory
// - Store").

import type { Definition } from "../definition.ts";
import { sve, z, zeroing } from "./sve_assembly.ts";
import { loadUntilFault } from "./sve_first_fault.ts";
import { gatherLoad, scatterStore } from "./sve_gather_code.ts";
import { bases, doublewords, type GatherMode, unpackedWords, words } from "./sve_gather_modes.ts";
import { elementName, type MemoryElement } from "./sve_memory_elements.ts";
import { setLanes } from "./sve_registers.ts";

/** An encoding with `msz` and, of a load, `U` and `ff` in it. */
type Row = readonly [mode: GatherMode, encoding: string];

const loads: readonly Row[] = [
  [words.unscaled, "1000010 msz xs:1 0 Zm:5 0Uff Pg:3 Rn:5 Zt:5"],
  [words.scaled, "1000010 msz xs:1 1 Zm:5 0Uff Pg:3 Rn:5 Zt:5"],
  [bases.words, "1000010 msz 01 imm5:5 1Uff Pg:3 Zn:5 Zt:5"],
  [unpackedWords.unscaled, "1100010 msz xs:1 0 Zm:5 0Uff Pg:3 Rn:5 Zt:5"],
  [unpackedWords.scaled, "1100010 msz xs:1 1 Zm:5 0Uff Pg:3 Rn:5 Zt:5"],
  [doublewords.unscaled, "1100010 msz 10 Zm:5 1Uff Pg:3 Rn:5 Zt:5"],
  [doublewords.scaled, "1100010 msz 11 Zm:5 1Uff Pg:3 Rn:5 Zt:5"],
  [bases.doublewords, "1100010 msz 01 imm5:5 1Uff Pg:3 Zn:5 Zt:5"],
];
const stores: readonly Row[] = [
  [unpackedWords.unscaled, "1110010 msz 00 Zm:5 1 xs:1 0 Pg:3 Rn:5 Zt:5"],
  [unpackedWords.scaled, "1110010 msz 01 Zm:5 1 xs:1 0 Pg:3 Rn:5 Zt:5"],
  [words.unscaled, "1110010 msz 10 Zm:5 1 xs:1 0 Pg:3 Rn:5 Zt:5"],
  [words.scaled, "1110010 msz 11 Zm:5 1 xs:1 0 Pg:3 Rn:5 Zt:5"],
  [doublewords.unscaled, "1110010 msz 00 Zm:5 101 Pg:3 Rn:5 Zt:5"],
  [doublewords.scaled, "1110010 msz 01 Zm:5 101 Pg:3 Rn:5 Zt:5"],
  [bases.doublewords, "1110010 msz 10 imm5:5 101 Pg:3 Zn:5 Zt:5"],
  [bases.words, "1110010 msz 11 imm5:5 101 Pg:3 Zn:5 Zt:5"],
];

export const withSize = (encoding: string, msz: number) =>
  encoding.replace("msz", msz.toString(2).padStart(2, "0"));

/** Of up to the lanes' width; scaled offsets are of more than bytes. */
const elementSizes = ({ size, isScaled }: GatherMode) => [0, 1, 2, 3].slice(isScaled ? 1 : 0, size + 1);

function load([mode, encoding]: Row, element: MemoryElement, isFirstFault: boolean): Definition {
  const { msz, size, isSigned } = element;
  const name = `${isFirstFault ? "ldff1" : "ld1"}${elementName(element)}`;
  const bits = withSize(encoding, msz).replace("Uff", `${isSigned ? 0 : 1}${isFirstFault ? 1 : 0}`);
  return sve(`${name.toUpperCase()} (${mode.name})`, bits, {
    assembly: (f) => `${name} {${z(f.Zt!, size)}}, ${zeroing(f)}, ${mode.text(f, msz)}`,
    ...(isFirstFault
      ? {
        run: (cpu, f) =>
          setLanes(
            cpu,
            f.Zt!,
            size,
            loadUntilFault(cpu, f.Pg!, element, mode.addresses(cpu, f, msz), true),
          ),
      }
      : gatherLoad(mode.code, element)),
  });
}

const loadsOf = (row: Row): Definition[] =>
  elementSizes(row[0]).flatMap((msz) => {
    const { size } = row[0];
    // What fills its lane has no sign to extend.
    return (msz === size ? [false] : [false, true]).flatMap((isSigned) =>
      [false, true].map((isFirstFault) => load(row, { msz, size, isSigned }, isFirstFault))
    );
  });

const storesOf = ([mode, encoding]: Row): Definition[] =>
  elementSizes(mode).map((msz) => {
    const element = { msz, size: mode.size, isSigned: false }, name = `st1${elementName(element)}`;
    return sve(`${name.toUpperCase()} (${mode.name})`, withSize(encoding, msz), {
      assembly: (f) => `${name} {${z(f.Zt!, mode.size)}}, p${f.Pg}, ${mode.text(f, msz)}`,
      ...scatterStore(mode.code, element),
    });
  });

export const sveGather: readonly Definition[] = [...loads.flatMap(loadsOf), ...stores.flatMap(storesOf)];
