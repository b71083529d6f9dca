// PACIASP and the others that are hints where pointer authentication is not there or not enabled: Arm DDI 0487,
// "A64 instruction set encoding", "Hints" (FEAT_PAuth).

import type { Cpu } from "../cpu.ts";
import { type Definition, instruction } from "../definition.ts";
import { and32, const32, when } from "../vocabulary.ts";
import {
  authenticate,
  hasPointerAuthentication,
  type PointerKey,
  pointerKeys,
  SCTLR_EL1,
  sign,
  stripCode,
} from "./pointer_keys.ts";

interface Row {
  readonly suffix: string;
  /** CRm, and the lowest bit of op2; the other two are the operation and the key. */
  readonly encoding: readonly [CRm: string, lowest: string];
  /** The pointer's register. */
  readonly register: number;
  readonly modifier: (cpu: Cpu) => bigint;
}

const rows: readonly Row[] = [
  { suffix: "1716", encoding: ["0001", "0"], register: 17, modifier: (cpu) => cpu.readX(16) },
  { suffix: "Z", encoding: ["0011", "0"], register: 30, modifier: () => 0n },
  { suffix: "SP", encoding: ["0011", "1"], register: 30, modifier: (cpu) => cpu.sp },
];

const encoding = (CRm: string, op2: string) => `11010101000000110010 ${CRm} ${op2} 11111`;

/** Where the key is not enabled, as in every guest that does not use it, the code is next to nothing. */
function hint(name: string, CRm: string, op2: string, key: PointerKey, run: (cpu: Cpu) => void): Definition {
  return instruction(name, encoding(CRm, op2), {
    assembly: () => name.toLowerCase(),
    emit: (target) => when(and32(target.state32(SCTLR_EL1), const32(key.enable)), target.fallBack()),
    run,
  });
}

const keys = [["A", pointerKeys.IA], ["B", pointerKeys.IB]] as const;

function hintsOf({ suffix, encoding: [CRm, lowest], register, modifier }: Row): Definition[] {
  return keys.flatMap(([letter, key], B) => [
    hint(`PACI${letter}${suffix}`, CRm, `0${B}${lowest}`, key, (cpu) => {
      cpu.writeX(register, sign(cpu, cpu.readX(register), modifier(cpu), key));
    }),
    hint(`AUTI${letter}${suffix}`, CRm, `1${B}${lowest}`, key, (cpu) => {
      cpu.writeX(register, authenticate(cpu, cpu.readX(register), modifier(cpu), key, false));
    }),
  ]);
}

export const pointerAuthenticationHints: readonly Definition[] = [
  ...rows.flatMap(hintsOf),
  instruction("XPACLRI", encoding("0000", "111"), {
    assembly: () => "xpaclri",
    run: (cpu) => {
      if (hasPointerAuthentication(cpu)) cpu.writeX(30, stripCode(cpu, cpu.readX(30), false));
    },
  }),
];
