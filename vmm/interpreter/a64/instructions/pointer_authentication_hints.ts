// PACIASP and the others that are hints where pointer authentication is not there or not enabled: Arm DDI 0487,
// "A64 instruction set encoding", "Hints" (FEAT_PAuth).

import type { Cpu } from "../cpu.ts";
import { type Definition, instruction } from "../definition.ts";
import { registerAt, slot } from "../cpu_layout.ts";
import type { Target } from "../target.ts";
import { and32, bind64, const32, type I64, when } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { authenticateCode, signCode, type Signed, stripped } from "./pointer_code.ts";
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
  /** Where the modifier lies, as `modifier` has it. */
  readonly modifierSlot: number;
}

const rows: readonly Row[] = [
  {
    suffix: "1716",
    encoding: ["0001", "0"],
    register: 17,
    modifier: (cpu) => cpu.readX(16),
    modifierSlot: 16,
  },
  { suffix: "Z", encoding: ["0011", "0"], register: 30, modifier: () => 0n, modifierSlot: slot.zero },
  { suffix: "SP", encoding: ["0011", "1"], register: 30, modifier: (cpu) => cpu.sp, modifierSlot: slot.sp },
];

const encoding = (CRm: string, op2: string) => `11010101000000110010 ${CRm} ${op2} 11111`;

type Change = (t: Target, signed: Signed, set: (value: I64) => Statement) => Statement;

/** Where the key is not enabled, as in every guest that does not use it, the code is next to nothing. */
function hint(
  { register, modifierSlot, encoding: [CRm, lowest] }: Row,
  [name, op2]: readonly [name: string, op2: string],
  key: PointerKey,
  change: Change,
  run: (cpu: Cpu) => void,
): Definition {
  return instruction(name, encoding(CRm, op2 + lowest), {
    operands: { pointer: () => registerAt(register), modifier: () => registerAt(modifierSlot) },
    assembly: () => name.toLowerCase(),
    emit: (t) =>
      when(
        and32(t.state32(SCTLR_EL1), const32(key.enable)),
        bind64(t.x("pointer"), (pointer) =>
          change(t, { pointer, modifier: t.x("modifier"), key }, (value) =>
            t.setX("pointer", value))),
      ),
    run,
  });
}

const keys = [["A", pointerKeys.IA], ["B", pointerKeys.IB]] as const;

function hintsOf(row: Row): Definition[] {
  const { suffix, register, modifier } = row;
  return keys.flatMap(([letter, key], B) => [
    hint(row, [`PACI${letter}${suffix}`, `0${B}`], key, signCode, (cpu) => {
      cpu.writeX(register, sign(cpu, cpu.readX(register), modifier(cpu), key));
    }),
    hint(row, [`AUTI${letter}${suffix}`, `1${B}`], key, authenticateCode, (cpu) => {
      cpu.writeX(register, authenticate(cpu, cpu.readX(register), modifier(cpu), key, false));
    }),
  ]);
}

export const pointerAuthenticationHints: readonly Definition[] = [
  ...rows.flatMap(hintsOf),
  instruction("XPACLRI", encoding("0000", "111"), {
    operands: { pointer: () => registerAt(30) },
    assembly: () => "xpaclri",
    emit: (t) =>
      bind64(t.x("pointer"), (pointer) => stripped(t, pointer, (value) => t.setX("pointer", value))),
    run: (cpu) => {
      if (hasPointerAuthentication(cpu)) cpu.writeX(30, stripCode(cpu, cpu.readX(30), false));
    },
  }),
];
