// BRAA, BLRAA, RETAA and theirs: Arm DDI 0487, "A64 instruction set encoding", "Unconditional branch (register)"
// (FEAT_PAuth). ERETAA and ERETAB are exception returns and stand with ERET.

import type { Cpu } from "../cpu.ts";
import { type After, type Definition, type Fields, instruction } from "../definition.ts";
import { setBranchType } from "../branch_targets.ts";
import { generalRegister, registerOrSp } from "./assembly_names.ts";
import { readOrSp } from "./pointer_authentication.ts";
import { authenticate, hasPointerAuthentication, pointerKeys, undefinedInstruction } from "./pointer_keys.ts";

const linkRegister = 30;
const letters = ["a", "b"] as const;
const keys = [pointerKeys.IA, pointerKeys.IB] as const;

function authenticated(cpu: Cpu, M: number, pointer: bigint, modifier: bigint): bigint {
  if (!hasPointerAuthentication(cpu)) throw undefinedInstruction();
  return authenticate(cpu, pointer, modifier, keys[M]!, true);
}

function branch(cpu: Cpu, { M, Rn }: Fields, modifier: bigint, links: boolean): After {
  const target = authenticated(cpu, M!, cpu.readX(Rn!), modifier);
  if (links) cpu.writeX(linkRegister, cpu.pc + 4n);
  setBranchType(cpu, links, Rn!);
  cpu.pc = target;
  return "jump";
}

/** With the modifier Rm and with the modifier zero. */
function both(name: string, op: string, links: boolean): Definition[] {
  const text = name.toLowerCase();
  const rest = `0${op} 11111 00001 M:1 Rn:5`;
  return [
    instruction(`${name}A, ${name}B`, `1101011 1 ${rest} Rm:5`, {
      assembly: ({ M, Rn, Rm }) =>
        `${text}${letters[M!]} ${generalRegister(Rn!, 1)}, ${registerOrSp(Rm!, 1)}`,
      run: (cpu, fields) => branch(cpu, fields, readOrSp(cpu, fields.Rm!), links),
    }),
    instruction(`${name}AZ, ${name}BZ`, `1101011 0 ${rest} 11111`, {
      assembly: ({ M, Rn }) => `${text}${letters[M!]}z ${generalRegister(Rn!, 1)}`,
      run: (cpu, fields) => branch(cpu, fields, 0n, links),
    }),
  ];
}

export const pointerAuthenticationBranches: readonly Definition[] = [
  ...both("BRA", "00", false),
  ...both("BLRA", "01", true),
  instruction("RETAA, RETAB", "1101011 0010 11111 00001 M:1 11111 11111", {
    assembly: ({ M }) => `reta${letters[M!]}`,
    run(cpu, { M }) {
      cpu.pc = authenticated(cpu, M!, cpu.readX(linkRegister), cpu.sp);
      return "jump";
    },
  }),
];
