// DMB, DSB, ISB, SB, CLREX: Arm DDI 0487, "A64 instruction set encoding", "Barriers".

import { cpuWord } from "../cpu_layout.ts";
import { type Definition, type Fields, instruction } from "../definition.ts";
import type { Target } from "../target.ts";
import { add, const32, const64 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { hex } from "./assembly_names.ts";

const options: Readonly<Record<number, string>> = {
  1: "oshld",
  2: "oshst",
  3: "osh",
  5: "nshld",
  6: "nshst",
  7: "nsh",
  9: "ishld",
  10: "ishst",
  11: "ish",
  13: "ld",
  14: "st",
  15: "sy",
};

const option = (CRm: number) => options[CRm] ?? `#0x${CRm.toString(16).padStart(2, "0")}`;

/** The strongest there is in WebAssembly (proposal "Threads", atomic.fence). */
const fence: Statement = (c) => c.op(0xfe, 3, 0);

/** The instructions after it are fetched anew: those that follow in the page of decoded code may be stale. */
const synchronize = (t: Target): Statement => t.branchTo(add(t.pc(), const64(4)));

const barrier = (
  name: string,
  opc: string,
  assembly: (fields: Fields) => string,
  emit: (t: Target) => Statement,
) => instruction(name, `11010101000000110011 CRm:4 1${opc} 11111`, { assembly, isHot: true, emit });

const ssbb = 0, pssbb = 4;

export const barriers: readonly Definition[] = [
  barrier("DSB", "00", ({ CRm }) => {
    if (CRm === ssbb) return "ssbb";
    return CRm === pssbb ? "pssbb" : `dsb ${option(CRm!)}`;
  }, () => fence),
  instruction("DSB (nXS)", "11010101000000110011 imm2:2 10 001 11111", {
    needs: ["ID_AA64ISAR1_EL1", 56, 1],
    assembly: ({ imm2 }) => `dsb ${["osh", "nsh", "ish", "sy"][imm2!]}nxs`,
    emit: () => fence,
  }),
  barrier("DMB", "01", ({ CRm }) => `dmb ${option(CRm!)}`, () => fence),
  barrier("ISB", "10", ({ CRm }) => CRm === 15 ? "isb" : `isb ${hex(CRm!)}`, synchronize),
  instruction("SB", "11010101000000110011 0000 111 11111", {
    needs: ["ID_AA64ISAR1_EL1", 36, 1],
    assembly: () => "sb",
    emit: () => fence,
  }),
  instruction("CLREX", "11010101000000110011 CRm:4 010 11111", {
    assembly: ({ CRm }) => CRm === 15 ? "clrex" : `clrex ${hex(CRm!)}`,
    emit: (t) => t.setState32(cpuWord.exclusiveSize, const32(0)),
  }),
];
