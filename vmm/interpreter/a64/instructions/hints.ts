// The hints but for those of pointer authentication, and WFET and WFIT: Arm DDI 0487, "A64 instruction set
// encoding", "Hints" and "System instructions with register argument". A hint that is not known does nothing.

import type { Cpu } from "../cpu.ts";
import { type After, type Definition, instruction, type Meaning } from "../definition.ts";
import { hasUnmaskedInterrupt } from "../exceptions.ts";
import { GuestException } from "../guest_exception.ts";
import { isAtEl0 } from "../pstate.ts";
import { sequence } from "../vocabulary.ts";
import { generalRegister, hex } from "./assembly_names.ts";

const trapClass = 0x01;
/** ESR_EL1.ISS of a trapped wait: CV is set and COND is 0b1110; TI says which it is. */
const conditionIss = 0x1e0_0000;
const TI = { WFI: 0, WFE: 1, WFIT: 2, WFET: 3 } as const;
/** SCTLR_EL1: EL0 may wait. */
const nTWI = 1n << 16n, nTWE = 1n << 18n;

function mayWait(cpu: Cpu, kind: keyof typeof TI) {
  if (!isAtEl0(cpu)) return;
  const allowed = kind === "WFI" || kind === "WFIT" ? nTWI : nTWE;
  if (!(cpu.system("SCTLR_EL1") & allowed)) throw new GuestException(trapClass, conditionIss | TI[kind]);
}

/** It is over; an interrupt that ended it is taken after it. */
function over(cpu: Cpu, isToWait: boolean | void): After {
  if (!isToWait && !hasUnmaskedInterrupt(cpu)) return;
  cpu.pc += 4n;
  return "leave";
}

function waitForInterrupt(cpu: Cpu, kind: "WFI" | "WFIT", deadline?: bigint): After {
  if (cpu.surroundings.pendingInterrupts(cpu) !== 0) return over(cpu, false);
  mayWait(cpu, kind);
  return over(cpu, cpu.surroundings.waitForInterrupt(cpu, deadline));
}

function waitForEvent(cpu: Cpu, kind: "WFE" | "WFET", deadline?: bigint): After {
  if (cpu.surroundings.takeEvent(cpu)) return;
  mayWait(cpu, kind);
  return over(cpu, cpu.surroundings.waitForEvent(cpu, deadline));
}

const does: Pick<Meaning, "emit"> = { emit: () => sequence() };

const hint = (name: string, CRm: number, op2: string, meaning: Pick<Meaning, "emit" | "run">) =>
  instruction(name, `11010101000000110010 ${CRm.toString(2).padStart(4, "0")} ${op2} 11111`, {
    assembly: () => name.toLowerCase(),
    ...meaning,
  });

/** By CRm and op2, the hints that are instructions here or with pointer authentication's. */
const named = new Set([
  0,
  1,
  2,
  3,
  4,
  5,
  7,
  8,
  10,
  12,
  14,
  16,
  20,
  24,
  25,
  26,
  27,
  28,
  29,
  30,
  31,
  32,
  34,
  36,
  38,
]);
const numberOf = (CRm: number, op2: number) => CRm << 3 | op2;

export const hints: readonly Definition[] = [
  hint("NOP", 0, "000", { ...does }),
  hint("YIELD", 0, "001", { ...does }),
  hint("WFE", 0, "010", { run: (cpu) => waitForEvent(cpu, "WFE") }),
  hint("WFI", 0, "011", { run: (cpu) => waitForInterrupt(cpu, "WFI") }),
  hint("SEV", 0, "100", { run: (cpu) => cpu.surroundings.setEvent(cpu, "all") }),
  hint("SEVL", 0, "101", { run: (cpu) => cpu.surroundings.setEvent(cpu, "own") }),
  // No error is ever pending, so there is nothing to synchronise; nor is there anything to speculate.
  hint("ESB", 2, "000", does),
  hint("CSDB", 2, "100", does),
  ...["", " c", " j", " jc"].map((targets, n) =>
    instruction(`BTI${targets}`, `11010101000000110010 0100 ${n.toString(2).padStart(2, "0")}0 11111`, {
      assembly: () => `bti${targets}`,
      ...does,
    })
  ),
  instruction("HINT", "11010101000000110010 CRm:4 op2:3 11111", {
    valid: ({ CRm, op2 }) => !named.has(numberOf(CRm!, op2!)),
    assembly: ({ CRm, op2 }) =>
      ({ 17: "psb csync", 18: "tsb csync" })[numberOf(CRm!, op2!)] ??
        `hint ${hex(numberOf(CRm!, op2!))}`,
    ...does,
  }),
  instruction("WFET", "11010101000000110001 0000 000 Rt:5", {
    needs: ["ID_AA64ISAR2_EL1", 0, 2],
    assembly: ({ Rt }) => `wfet ${generalRegister(Rt!, 1)}`,
    run: (cpu, { Rt }) => waitForEvent(cpu, "WFET", cpu.readX(Rt!)),
  }),
  instruction("WFIT", "11010101000000110001 0000 001 Rt:5", {
    needs: ["ID_AA64ISAR2_EL1", 0, 2],
    assembly: ({ Rt }) => `wfit ${generalRegister(Rt!, 1)}`,
    run: (cpu, { Rt }) => waitForInterrupt(cpu, "WFIT", cpu.readX(Rt!)),
  }),
];
