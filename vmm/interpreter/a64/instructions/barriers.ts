// DMB, DSB, ISB, SB, CLREX: Arm DDI 0487, "A64 instruction set encoding", "Barriers".

import type { Cpu } from "../cpu.ts";
import { cpuWord } from "../cpu_layout.ts";
import { type After, type Definition, type Fields, instruction } from "../definition.ts";
import { const32 } from "../vocabulary.ts";
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

/** A word that nobody else uses: an access to it that is sequentially consistent is a fence. */
const fenceWord = new Int32Array(new SharedArrayBuffer(4));
function fence() {
  Atomics.add(fenceWord, 0, 0);
}

/** The instructions after it are fetched anew: those that follow in the page of decoded code may be stale. */
function synchronize(cpu: Cpu): After {
  cpu.pc += 4n;
  return "jump";
}

const barrier = (name: string, opc: string, assembly: (fields: Fields) => string, run: (cpu: Cpu) => After) =>
  instruction(name, `11010101000000110011 CRm:4 1${opc} 11111`, { assembly, run });

const ssbb = 0, pssbb = 4;

export const barriers: readonly Definition[] = [
  barrier("DSB", "00", ({ CRm }) => {
    if (CRm === ssbb) return "ssbb";
    return CRm === pssbb ? "pssbb" : `dsb ${option(CRm!)}`;
  }, fence),
  instruction("DSB (nXS)", "11010101000000110011 imm2:2 10 001 11111", {
    needs: ["ID_AA64ISAR1_EL1", 56, 1],
    assembly: ({ imm2 }) => `dsb ${["osh", "nsh", "ish", "sy"][imm2!]}nxs`,
    run: fence,
  }),
  barrier("DMB", "01", ({ CRm }) => `dmb ${option(CRm!)}`, fence),
  barrier("ISB", "10", ({ CRm }) => CRm === 15 ? "isb" : `isb ${hex(CRm!)}`, synchronize),
  instruction("SB", "11010101000000110011 0000 111 11111", {
    needs: ["ID_AA64ISAR1_EL1", 36, 1],
    assembly: () => "sb",
    run: fence,
  }),
  instruction("CLREX", "11010101000000110011 CRm:4 010 11111", {
    assembly: ({ CRm }) => CRm === 15 ? "clrex" : `clrex ${hex(CRm!)}`,
    emit: (t) => t.setState32(cpuWord.exclusiveSize, const32(0)),
  }),
];
