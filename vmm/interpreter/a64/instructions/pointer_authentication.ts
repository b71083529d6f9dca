// PACIA to XPACD and PACGA: Arm DDI 0487, "A64 instruction set encoding", "Data-processing (1 source)" and "(2
// source)" (FEAT_PAuth).

import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, instruction } from "../definition.ts";
import { computePac, genericAuthentication } from "../pauth/algorithm.ts";
import { pacga } from "../pauth/pointer.ts";
import { generalRegister, registerOrSp } from "./assembly_names.ts";
import {
  authenticate,
  genericKey,
  hasPointerAuthentication,
  keyOf,
  type PointerKey,
  pointerKeys,
  sign,
  stripCode,
  undefinedInstruction,
} from "./pointer_keys.ts";

const opcode = "1 1 0 11010110 00001";

export const readOrSp = (cpu: Cpu, n: number) => n === 31 ? cpu.sp : cpu.readX(n);

/** Changes a pointer by a modifier and a key. */
type Operation = (cpu: Cpu, pointer: bigint, modifier: bigint, key: PointerKey) => bigint;

const operations: Readonly<Record<"PAC" | "AUT", Operation>> = {
  PAC: sign,
  AUT: (cpu, pointer, modifier, key) => authenticate(cpu, pointer, modifier, key, false),
};

function apply(cpu: Cpu, { Rd, Rn }: Fields, key: PointerKey, operation: Operation) {
  if (!hasPointerAuthentication(cpu)) throw undefinedInstruction();
  const modifier = Rn === undefined ? 0n : readOrSp(cpu, Rn);
  cpu.writeX(Rd!, operation(cpu, cpu.readX(Rd!), modifier, key));
}

/** With the modifier Rn and with the modifier zero. */
function both(operationName: "PAC" | "AUT", keyName: keyof typeof pointerKeys, bits: string): Definition[] {
  const operation = operations[operationName];
  const key = pointerKeys[keyName];
  const name = operationName + keyName;
  const withZero = `${operationName}${keyName[0]}Z${keyName[1]}`;
  return [
    instruction(name, `${opcode} 000 ${bits} Rn:5 Rd:5`, {
      assembly: ({ Rd, Rn }) => `${name.toLowerCase()} ${generalRegister(Rd!, 1)}, ${registerOrSp(Rn!, 1)}`,
      run: (cpu, fields) => apply(cpu, fields, key, operation),
    }),
    instruction(withZero, `${opcode} 001 ${bits} 11111 Rd:5`, {
      assembly: ({ Rd }) => `${withZero.toLowerCase()} ${generalRegister(Rd!, 1)}`,
      run: (cpu, fields) => apply(cpu, fields, key, operation),
    }),
  ];
}

const stripping = (name: string, bit: number) =>
  instruction(name, `${opcode} 010 00${bit} 11111 Rd:5`, {
    assembly: ({ Rd }) => `${name.toLowerCase()} ${generalRegister(Rd!, 1)}`,
    run(cpu, { Rd }) {
      if (!hasPointerAuthentication(cpu)) throw undefinedInstruction();
      cpu.writeX(Rd!, stripCode(cpu, cpu.readX(Rd!), bit === 1));
    },
  });

function runPacga(cpu: Cpu, { Rd, Rn, Rm }: Fields) {
  const { ID_AA64ISAR1_EL1 = 0n, ID_AA64ISAR2_EL1 = 0n } = cpu.profile.idRegisters;
  const algorithm = genericAuthentication(ID_AA64ISAR1_EL1, ID_AA64ISAR2_EL1);
  if (!algorithm) throw undefinedInstruction();
  const modifier = readOrSp(cpu, Rm!);
  cpu.writeX(Rd!, pacga(cpu.readX(Rn!), modifier, keyOf(cpu, genericKey), computePac[algorithm]));
}

export const pointerAuthentication: readonly Definition[] = [
  ...both("PAC", "IA", "000"),
  ...both("PAC", "IB", "001"),
  ...both("PAC", "DA", "010"),
  ...both("PAC", "DB", "011"),
  ...both("AUT", "IA", "100"),
  ...both("AUT", "IB", "101"),
  ...both("AUT", "DA", "110"),
  ...both("AUT", "DB", "111"),
  stripping("XPACI", 0),
  stripping("XPACD", 1),
  instruction("PACGA", "1 0 0 11010110 Rm:5 001100 Rn:5 Rd:5", {
    assembly: ({ Rd, Rn, Rm }) =>
      `pacga ${generalRegister(Rd!, 1)}, ${generalRegister(Rn!, 1)}, ${registerOrSp(Rm!, 1)}`,
    run: runPacga,
  }),
];
