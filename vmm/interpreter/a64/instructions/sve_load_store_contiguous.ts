// LD1 and ST1 of elements one after another in memory (Arm DDI 0487, "SVE encodings", "SVE contiguous load
// (scalar plus scalar)", "(scalar plus immediate)" and the stores), with LDNT1 and STNT1, which are the same
// here.

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields } from "../definition.ts";
import { signed } from "./assembly_names.ts";
import { baseName } from "./load_store_names.ts";
import { sve, z, zeroing } from "./sve_assembly.ts";
import {
  elementName,
  loadedElements,
  loadLanes,
  type MemoryElement,
  predicatedBase,
  storeLanes,
} from "./sve_memory_elements.ts";
import { contiguousLoad, contiguousStore, type Offset } from "./sve_memory_quadwords.ts";
import { laneCount, setLanes } from "./sve_registers.ts";

/** How the address is given. */
export interface ContiguousMode {
  readonly name: string;
  readonly by: Offset;
  /** Of the whole vector's first element, in bytes from the base. */
  readonly offset: (cpu: Cpu, fields: Fields, element: MemoryElement) => bigint;
  readonly text: (fields: Fields, element: MemoryElement) => string;
  readonly valid?: (fields: Fields) => boolean;
}

/** "[x0, x1, lsl #2]", where bytes are not shifted */
export function registerAddress(f: Fields, shift: number): string {
  const index = f.Rm === 31 ? "xzr" : `x${f.Rm}`;
  return `[${baseName(f)}, ${index}${shift ? `, lsl #${shift}` : ""}]`;
}

export const vectorImmediate = ({ imm4 }: Fields) => signed(imm4!, 4);

/** "[x0, #1, mul vl]" */
export const immediateAddress = (f: Fields, times: number) =>
  `[${baseName(f)}${times ? `, #${times}, mul vl` : ""}]`;

export const byRegister: ContiguousMode = {
  name: "scalar plus scalar",
  by: "register",
  offset: (cpu, { Rm }, { msz }) => cpu.readX(Rm!) << BigInt(msz),
  text: (f, { msz }) => registerAddress(f, msz),
  valid: ({ Rm }) => Rm !== 31,
};
export const byImmediate: ContiguousMode = {
  name: "scalar plus immediate",
  by: "vectors",
  offset: (cpu, f, { msz, size }) => BigInt(vectorImmediate(f) * (laneCount(cpu, size) << msz)),
  text: (f) => immediateAddress(f, vectorImmediate(f)),
};

/** The addresses of lanes. */
export function contiguous(cpu: Cpu, f: Fields, element: MemoryElement, mode: ContiguousMode) {
  const first = predicatedBase(cpu, f, element.size) + mode.offset(cpu, f, element);
  return (lane: number) => first + BigInt(lane << element.msz);
}

function load(mnemonic: string, encoding: string, element: MemoryElement, mode: ContiguousMode): Definition {
  const name = `${mnemonic}${elementName(element)}`;
  return sve(`${name.toUpperCase()} (${mode.name}, ${"BHSD"[element.size]})`, encoding, {
    ...(mode.valid && { valid: mode.valid }),
    assembly: (f) => `${name} {${z(f.Zt!, element.size)}}, ${zeroing(f)}, ${mode.text(f, element)}`,
    ...contiguousLoad(element, mode.by, vectorImmediate),
    run: (cpu, f) =>
      setLanes(cpu, f.Zt!, element.size, loadLanes(cpu, f.Pg!, element, contiguous(cpu, f, element, mode))),
  });
}

function store(mnemonic: string, encoding: string, element: MemoryElement, mode: ContiguousMode): Definition {
  const name = `${mnemonic}${elementName(element)}`;
  return sve(`${name.toUpperCase()} (${mode.name}, ${"BHSD"[element.size]})`, encoding, {
    ...(mode.valid && { valid: mode.valid }),
    assembly: (f) => `${name} {${z(f.Zt!, element.size)}}, p${f.Pg}, ${mode.text(f, element)}`,
    ...contiguousStore(element, mode.by, vectorImmediate),
    run: (cpu, f) => storeLanes(cpu, f.Pg!, f.Zt!, element, contiguous(cpu, f, element, mode)),
  });
}

const bits = (value: number, width: number) => value.toString(2).padStart(width, "0");

const loads = loadedElements.flatMap((element, dtype) => [
  load("ld1", `1010010 ${bits(dtype, 4)} Rm:5 010 Pg:3 Rn:5 Zt:5`, element, byRegister),
  load("ld1", `1010010 ${bits(dtype, 4)} 0 imm4:4 101 Pg:3 Rn:5 Zt:5`, element, byImmediate),
]);

const stores = loadedElements.filter(({ isSigned }) => !isSigned).flatMap((element) => {
  const kind = bits(element.msz, 2) + bits(element.size, 2);
  return [
    store("st1", `1110010 ${kind} Rm:5 010 Pg:3 Rn:5 Zt:5`, element, byRegister),
    store("st1", `1110010 ${kind} 0 imm4:4 111 Pg:3 Rn:5 Zt:5`, element, byImmediate),
  ];
});

const nonTemporal = [0, 1, 2, 3].flatMap((size) => {
  const element = { msz: size, size, isSigned: false }, msz = bits(size, 2);
  return [
    load("ldnt1", `1010010 ${msz} 00 Rm:5 110 Pg:3 Rn:5 Zt:5`, element, byRegister),
    load("ldnt1", `1010010 ${msz} 000 imm4:4 111 Pg:3 Rn:5 Zt:5`, element, byImmediate),
    store("stnt1", `1110010 ${msz} 00 Rm:5 011 Pg:3 Rn:5 Zt:5`, element, byRegister),
    store("stnt1", `1110010 ${msz} 001 imm4:4 111 Pg:3 Rn:5 Zt:5`, element, byImmediate),
  ];
});

export const sveLoadStoreContiguous: readonly Definition[] = [...loads, ...stores, ...nonTemporal];
