// MOVN, MOVZ and MOVK: Arm DDI 0487, "A64 instruction set encoding", "Move wide (immediate)".

import { type Definition, type Fields, instruction, type Meaning, write } from "../definition.ts";
import { and, const64, or } from "../vocabulary.ts";
import { generalRegister, hex } from "./assembly_names.ts";
import { bits, get, set } from "./width.ts";

const valid = ({ sf, hw }: Fields) => sf === 1 || hw! < 2;
const part = ({ hw, imm16 }: Fields) => BigInt(imm16!) << BigInt(16 * hw!);
const inverted = (fields: Fields) => BigInt.asUintN(bits(fields), ~part(fields));
const operands = { Rd: write("Rd") };

/** Whether MOVZ or MOVN makes this value (Arm DDI 0487, shared pseudocode "MoveWidePreferred"). */
export function isWideImmediate(sf: number, value: bigint): boolean {
  const width = bits({ sf });
  for (let shift = 0n; shift < width; shift += 16n) {
    const rest = ~(0xffffn << shift);
    if ((value & rest) === 0n || (BigInt.asUintN(width, ~value) & rest) === 0n) return true;
  }
  return false;
}

function wideAssembly(name: string, f: Fields): string {
  const shift = f.hw ? `, lsl #${16 * f.hw}` : "";
  return `${name} ${generalRegister(f.Rd!, f.sf!)}, ${hex(f.imm16!)}${shift}`;
}

/** MOVZ and MOVN, which are MOV but where another encoding is the preferred one. */
function move(name: string, value: (fields: Fields) => bigint, isMove: (fields: Fields) => boolean): Meaning {
  return {
    operands,
    immediate: value,
    valid,
    isHot: true,
    assembly: (f) =>
      isMove(f) ? `mov ${generalRegister(f.Rd!, f.sf!)}, ${hex(value(f))}` : wideAssembly(name, f),
    emit: (target) => target.setX("Rd", target.immediate()),
  };
}

const isShiftedZero = ({ imm16, hw }: Fields) => imm16 === 0 && hw !== 0;
const isAllOnes = ({ sf, imm16 }: Fields) => sf === 0 && imm16 === 0xffff;

export const moveWide: readonly Definition[] = [
  instruction(
    "MOVN",
    "sf:1 00 100101 hw:2 imm16:16 Rd:5",
    move("movn", inverted, (f) => !isShiftedZero(f) && !isAllOnes(f)),
  ),
  instruction("MOVZ", "sf:1 10 100101 hw:2 imm16:16 Rd:5", move("movz", part, (f) => !isShiftedZero(f))),
  instruction("MOVK", "sf:1 11 100101 hw:2 imm16:16 Rd:5", {
    operands,
    immediate: part,
    forms: ["sf", "hw"],
    valid,
    isHot: true,
    assembly: (f) => wideAssembly("movk", f),
    emit: (target, form) => {
      const kept = and(get(target, form, "Rd"), const64(~(0xffffn << BigInt(16 * form.hw!))));
      return set(target, form, "Rd", or(kept, target.immediate()));
    },
  }),
];
