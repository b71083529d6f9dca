// SVC, HVC, SMC, BRK, HLT, DCPSn, UDF and the exception returns: Arm DDI 0487, "A64 instruction set
// encoding", "Exception generation", "Reserved" and "Unconditional branch (register)".

import type { Cpu } from "../cpu.ts";
import { type After, type Definition, type Fields, instruction } from "../definition.ts";
import { runsStepwise } from "../debug_unit.ts";
import { exceptionReturn, hasUnmaskedInterrupt } from "../exceptions.ts";
import { GuestException } from "../guest_exception.ts";
import { isAtEl0 } from "../pstate.ts";
import { undefinedInstruction } from "../system_register_row.ts";
import { hex } from "./assembly_names.ts";
import { authenticate, hasPointerAuthentication, pointerKeys } from "./pointer_keys.ts";

const exceptionClass = { SVC: 0x15, BRK: 0x3c } as const;

function generation(
  name: string,
  [opc, LL]: readonly [opc: string, LL: string],
  run: (cpu: Cpu, imm16: number) => After,
): Definition {
  return instruction(name, `11010100 ${opc} imm16:16 000 ${LL}`, {
    assembly: ({ imm16 }) => `${name.toLowerCase()} ${hex(imm16!)}`,
    run: (cpu, { imm16 }) => run(cpu, imm16!),
  });
}

/** Halting debug is not allowed, so these are undefined as they would be there. */
const undefinedHere = (): never => {
  throw undefinedInstruction();
};

function dcps(level: 1 | 2 | 3): Definition {
  return instruction(`DCPS${level}`, `11010100 101 imm16:16 000 ${level.toString(2).padStart(2, "0")}`, {
    assembly: ({ imm16 }) => `dcps${level}${imm16 ? ` ${hex(imm16)}` : ""}`,
    run: undefinedHere,
  });
}

function hvc(cpu: Cpu, imm16: number): After {
  if (isAtEl0(cpu)) throw undefinedInstruction();
  return cpu.surroundings.hvc(cpu, imm16);
}

/** The hypervisor traps it, whether or not there is an EL3, as Linux's KVM does. */
function smc(cpu: Cpu, imm16: number): After {
  if (isAtEl0(cpu)) throw undefinedInstruction();
  return cpu.surroundings.smc(cpu, imm16);
}

function eret(cpu: Cpu, target?: bigint): After {
  if (isAtEl0(cpu)) throw undefinedInstruction();
  exceptionReturn(cpu, target);
  return hasUnmaskedInterrupt(cpu) || runsStepwise(cpu) ? "leave" : "jump";
}

function authenticatedReturn(cpu: Cpu, { M }: Fields): After {
  if (isAtEl0(cpu) || !hasPointerAuthentication(cpu)) throw undefinedInstruction();
  const key = M ? pointerKeys.IB : pointerKeys.IA;
  return eret(cpu, authenticate(cpu, cpu.system("ELR_EL1"), cpu.sp, key, true));
}

export const exceptionGeneration: readonly Definition[] = [
  generation("SVC", ["000", "01"], (_, imm16) => {
    throw new GuestException(exceptionClass.SVC, imm16, undefined, true);
  }),
  generation("HVC", ["000", "10"], hvc),
  generation("SMC", ["000", "11"], smc),
  generation("BRK", ["001", "00"], (_, imm16) => {
    throw new GuestException(exceptionClass.BRK, imm16);
  }),
  generation("HLT", ["010", "00"], undefinedHere),
  ...([1, 2, 3] as const).map(dcps),
  instruction("UDF", "0000000000000000 imm16:16", {
    assembly: ({ imm16 }) => `udf #${imm16}`,
    run: undefinedHere,
  }),
  instruction("ERET", "1101011 0100 11111 000000 11111 00000", {
    assembly: () => "eret",
    run: (cpu) => eret(cpu),
  }),
  instruction("ERETAA, ERETAB", "1101011 0100 11111 00001 M:1 11111 11111", {
    assembly: ({ M }) => M ? "eretab" : "eretaa",
    run: authenticatedReturn,
  }),
  instruction("DRPS", "1101011 0101 11111 000000 11111 00000", {
    assembly: () => "drps",
    run: undefinedHere,
  }),
];
