// LDFF1 and LDNF1 of elements one after another in memory (Arm DDI 0487, "SVE encodings", "SVE contiguous
// first-fault load (scalar plus scalar)" and "SVE contiguous non-fault load (scalar plus immediate)").

import type { Definition } from "../definition.ts";
import { sve, z, zeroing } from "./sve_assembly.ts";
import { loadUntilFault } from "./sve_first_fault.ts";
import {
  byImmediate,
  byRegister,
  contiguous,
  type ContiguousMode,
  vectorImmediate,
} from "./sve_load_store_contiguous.ts";
import { elementName, loadedElements, type MemoryElement } from "./sve_memory_elements.ts";
import { contiguousLoad } from "./sve_memory_quadwords.ts";
import { setLanes } from "./sve_registers.ts";

function load(mnemonic: string, encoding: string, element: MemoryElement, mode: ContiguousMode): Definition {
  const name = `${mnemonic}${elementName(element)}`;
  return sve(`${name.toUpperCase()} (${mode.name}, ${"BHSD"[element.size]})`, encoding, {
    assembly: (f) => `${name} {${z(f.Zt!, element.size)}}, ${zeroing(f)}, ${mode.text(f, element)}`,
    ...contiguousLoad(element, mode.by, vectorImmediate),
    run(cpu, f) {
      const addressOf = contiguous(cpu, f, element, mode);
      const values = loadUntilFault(cpu, f.Pg!, element, addressOf, mnemonic === "ldff1");
      setLanes(cpu, f.Zt!, element.size, values);
    },
  });
}

const dtypeBits = (dtype: number) => dtype.toString(2).padStart(4, "0");

export const sveLoadFirstFault: readonly Definition[] = loadedElements.flatMap((element, dtype) => [
  // An index of XZR, which other loads do not have, is none.
  load("ldff1", `1010010 ${dtypeBits(dtype)} Rm:5 011 Pg:3 Rn:5 Zt:5`, element, byRegister),
  load("ldnf1", `1010010 ${dtypeBits(dtype)} 1 imm4:4 101 Pg:3 Rn:5 Zt:5`, element, byImmediate),
]);
