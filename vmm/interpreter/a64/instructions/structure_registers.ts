// The list of vector registers that structures are loaded to and stored from, and the write-back of their base
// (Arm DDI 0487, "Advanced SIMD load/store multiple structures" and "single structure").

import type { Cpu } from "../cpu.ts";
import { vectorAt } from "../cpu_layout.ts";
import { type Fields, type Meaning, type Operand, read } from "../definition.ts";
import type { Target } from "../target.ts";
import { add, bind64, const64, type I64, sequence } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { base, baseOf, setBase } from "./load_store_base.ts";
import { offsetAddress } from "./load_store_names.ts";

/** How many registers a list has. */
export type Count = 1 | 2 | 3 | 4;
export const counts: readonly Count[] = [1, 2, 3, 4];

/** The registers' operands, "V0" the first. V0 follows V31. */
export function listOperands(count: Count): Record<string, Operand> {
  const operands: Record<string, Operand> = { ...base };
  for (let n = 0; n < count; n++) operands[`V${n}`] = ({ Rt }) => vectorAt((Rt! + n) % 32);
  return operands;
}

/** "{v0.16b}", "{v0.16b, v1.16b}", "{v0.16b-v2.16b}", and from V31 on "{v31.16b, v0.16b, v1.16b}". */
export function listName({ Rt }: Fields, count: Count, arrangement: string): string {
  const names = Array.from({ length: count }, (_, n) => `v${(Rt! + n) % 32}.${arrangement}`);
  const isRange = count > 2 && Rt! + count <= 32;
  return isRange ? `{${names[0]}-${names[count - 1]}}` : `{${names.join(", ")}}`;
}

export interface PostIndex {
  readonly name: string;
  /** Of the encoding: bit 23, and bits 20 to 16. */
  readonly bit: "0" | "1";
  readonly Rm: string;
  readonly by: "nothing" | "size" | "register";
}

export const postIndexes: readonly PostIndex[] = [
  { name: "no offset", bit: "0", Rm: "00000", by: "nothing" },
  { name: "post-indexed by the size", bit: "1", Rm: "11111", by: "size" },
  { name: "post-indexed by a register", bit: "1", Rm: "Rm:5", by: "register" },
];

/** Rm of 31 is the post-index by the size. */
export const isPostIndexValid = ({ by }: PostIndex, { Rm }: Fields) => by !== "register" || Rm !== 31;

/** "[x0]", "[x0], #16", "[x0], x2" */
export function structureAddress({ by }: PostIndex, fields: Fields, size: number): string {
  const address = offsetAddress(fields, 0);
  if (by === "nothing") return address;
  return `${address}, ${by === "size" ? `#${size}` : `x${fields.Rm}`}`;
}

/** What is done at the base and after it; everything is loaded before a register is written. */
export interface ListAccess {
  readonly size: (form: Fields) => number;
  readonly emit: (target: Target, form: Fields, address: I64) => Statement;
  readonly run: (cpu: Cpu, fields: Fields, address: bigint) => void;
}

/** An op has no room for the base, four vectors and a register to add: then the meaning is TypeScript. */
export function listMeaning(
  count: Count,
  { by }: PostIndex,
  { size, emit, run }: ListAccess,
): Pick<Meaning, "operands" | "emit" | "run"> {
  if (count === 4 && by === "register") {
    return {
      run(cpu, fields) {
        const address = baseOf(cpu, fields);
        run(cpu, fields, address);
        setBase(cpu, fields, address + cpu.readX(fields.Rm!));
      },
    };
  }
  const operands = listOperands(count);
  if (by === "register") operands.Rm = read("Rm");
  return {
    operands,
    emit(t, form) {
      const access = bind64(t.x("Rn"), (address) => {
        const statement = emit(t, form, address);
        if (by === "nothing") return statement;
        const increment = by === "size" ? const64(size(form)) : t.x("Rm");
        return sequence(statement, t.setX("Rn", add(address, increment)));
      });
      return form.isSp ? sequence(t.checkSp(), access) : access;
    },
  };
}
