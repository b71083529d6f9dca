// MSR (immediate): Arm DDI 0487, "A64 instruction set encoding", "PSTATE". The flags' own are in
// flag_manipulation.ts.

import type { Cpu } from "../cpu.ts";
import { cpuWord } from "../cpu_layout.ts";
import { type After, type Definition, instruction, type Meaning } from "../definition.ts";
import { runsStepwise } from "../debug_unit.ts";
import { hasUnmaskedInterrupt } from "../exceptions.ts";
import { isAtEl0, offeredFields, PSTATE } from "../pstate.ts";
import { trappedAccess, undefinedInstruction } from "../system_register_row.ts";
import { setFields } from "../system_registers_pstate.ts";
import { or32, wrap } from "../vocabulary.ts";
import { hex } from "./assembly_names.ts";
import { readPstate, unlessAtEl0 } from "./system_level.ts";

const bits = (value: number, width: number) => value.toString(2).padStart(width, "0");

function pstate(name: string, op1: number, op2: number, meaning: Partial<Meaning>): Definition {
  return instruction(`MSR (${name})`, `1101010100000 ${bits(op1, 3)} 0100 CRm:4 ${bits(op2, 3)} 11111`, {
    assembly: ({ CRm }) => `msr ${name}, ${hex(CRm!)}`,
    ...meaning,
  });
}

/** A field of one bit, which is there if the feature is. */
function single(name: string, op1: number, op2: number, field: number, isForEl0 = false): Definition {
  return pstate(name, op1, op2, {
    // Only the lowest bit counts, and the assembler has words for no others.
    assembly: ({ CRm }) => CRm! < 2 ? `msr ${name}, ${hex(CRm!)}` : `msr s0_${op1}_c4_c${CRm}_${op2}, xzr`,
    run(cpu, { CRm }) {
      const isThere = field === PSTATE.SP || (offeredFields(cpu) & field) !== 0;
      if (!isThere || isAtEl0(cpu) && !isForEl0) throw undefinedInstruction();
      setFields(cpu, field, CRm! & 1 ? field : 0);
    },
  });
}

/** SCTLR_EL1.UMA: EL0 may mask interrupts. */
const UMA = 1n << 9n;
const maskShift = 6;

function checkMasking(cpu: Cpu, CRm: number, op2: number) {
  if (isAtEl0(cpu) && !(cpu.system("SCTLR_EL1") & UMA)) {
    throw trappedAccess([0, 3, 4, CRm, op2], 31, false);
  }
}

function clearMask(cpu: Cpu, CRm: number): After {
  checkMasking(cpu, CRm, 7);
  cpu.pstate &= ~(CRm << maskShift);
  if (!hasUnmaskedInterrupt(cpu) && !runsStepwise(cpu)) return;
  cpu.pc += 4n;
  return "leave";
}

export const systemPstate: readonly Definition[] = [
  single("uao", 0, 3, PSTATE.UAO),
  single("pan", 0, 4, PSTATE.PAN),
  single("spsel", 0, 5, PSTATE.SP),
  single("ssbs", 3, 1, PSTATE.SSBS, true),
  single("dit", 3, 2, PSTATE.DIT, true),
  pstate("daifset", 3, 6, {
    isHot: true,
    immediate: ({ CRm }) => CRm! << maskShift,
    emit: (t) => unlessAtEl0(t, t.setState32(cpuWord.pstate, or32(readPstate(t), wrap(t.immediate())))),
    run(cpu, { CRm }) {
      checkMasking(cpu, CRm!, 6);
      cpu.pstate |= CRm! << maskShift;
    },
  }),
  pstate("daifclr", 3, 7, { run: (cpu, { CRm }) => clearMask(cpu, CRm!) }),
];
