// TBL and TBX: Arm DDI 0487, "Data Processing -- Scalar Floating-Point and Advanced SIMD", "Advanced SIMD
// table lookup". A number past the table gives zero, or leaves the byte as it was.

import type { Cpu } from "../cpu.ts";
import { vectorAt, vectorBytes } from "../cpu_layout.ts";
import { type Definition, type Fields, instruction, type Operand, vector } from "../definition.ts";
import { vectorName } from "../simd_assembly.ts";
import { clearAbove } from "../simd_lanes.ts";
import { greaterU, orBits, splat, subLanes, swizzle } from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import { const32, type V128 } from "../vocabulary.ts";
import { bitselect } from "./load_store_lanes.ts";
import { setResult } from "./simd_class.ts";

/** Registers of the table, V0 after V31. An op has room for three and those of the result and the numbers. */
const registerCounts = [1, 2, 3, 4] as const;
const mostEmitted = 3;

interface Kind {
  readonly name: "TBL" | "TBX";
  readonly op: 0 | 1;
}

const kinds: readonly Kind[] = [{ name: "TBL", op: 0 }, { name: "TBX", op: 1 }];

function operandsOf(count: number): Record<string, Operand> {
  const operands: Record<string, Operand> = { Rd: vector("Rd"), Rm: vector("Rm") };
  for (let n = 0; n < count; n++) operands[`V${n}`] = ({ Rn }) => vectorAt((Rn! + n) % 32);
  return operands;
}

/** Numbers of other registers are 16 and more from this one's start, which a swizzle makes zero. */
function lookUp(t: Target, count: number): V128 {
  const numbers = t.q("Rm");
  return Array.from({ length: count }, (_, n) => {
    const own = n === 0 ? numbers : subLanes(0, numbers, splat(0, const32(16 * n)));
    return swizzle(t.q(`V${n}`), own);
  }).reduce(orBits);
}

function value(t: Target, count: number, { op }: Kind): V128 {
  const found = lookUp(t, count);
  if (!op) return found;
  return bitselect(t.q("Rd"), found, greaterU(0, t.q("Rm"), splat(0, const32(16 * count - 1))));
}

function run(cpu: Cpu, { Rd, Rn, Rm, Q }: Fields, count: number, { op }: Kind) {
  const result = Uint8Array.from({ length: Q ? 16 : 8 }, (_, byte) => {
    const number = cpu.v[Rm! * vectorBytes + byte]!;
    if (number >= 16 * count) return op ? cpu.v[Rd! * vectorBytes + byte]! : 0;
    return cpu.v[(Rn! + (number >> 4)) % 32 * vectorBytes + number % 16]!;
  });
  clearAbove(cpu, Rd!, 0);
  cpu.v.set(result, Rd! * vectorBytes);
}

/** "{v0.16b}", "{v0.16b, v1.16b}", "{v0.16b-v2.16b}", and from V31 on "{v31.16b, v0.16b, v1.16b}". */
function tableName(Rn: number, count: number): string {
  const names = Array.from({ length: count }, (_, n) => vectorName((Rn + n) % 32, 0, 1));
  return count > 2 && Rn + count <= 32 ? `{${names[0]}-${names[count - 1]}}` : `{${names.join(", ")}}`;
}

const definition = (kind: Kind, count: number) =>
  instruction(
    `${kind.name} (${count} registers)`,
    `0 Q:1 001110 000 Rm:5 0 ${count - 1 >> 1}${count - 1 & 1} ${kind.op} 00 Rn:5 Rd:5`,
    {
      uses: "fp",
      assembly: ({ Rd, Rn, Rm, Q }) =>
        `${kind.name.toLowerCase()} ${vectorName(Rd!, 0, Q!)}, ${tableName(Rn!, count)}, ${
          vectorName(Rm!, 0, Q!)
        }`,
      ...(count <= mostEmitted
        ? {
          operands: operandsOf(count),
          forms: ["Q"],
          emit: (t: Target, form: Fields) => setResult(t, form, value(t, count, kind)),
        }
        : { run: (cpu: Cpu, fields: Fields) => run(cpu, fields, count, kind) }),
    },
  );

export const simdTableLookup: readonly Definition[] = kinds.flatMap((kind) =>
  registerCounts.map((count) => definition(kind, count))
);
