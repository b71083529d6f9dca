// Arm DDI 0487, "SVE encodings", "SVE Integer Compare - Vectors", "- Unsigned Immediate" and "- Signed
// Immediate": a predicate of the active lanes for which it holds, and the flags.

import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, type Meaning, predicate, vector } from "../definition.ts";
import {
  byteBits,
  equal,
  greaterEqualS,
  greaterEqualU,
  greaterS,
  greaterU,
  notBits,
  splatBits,
} from "../simd_vocabulary.ts";
import type { QuadwordTarget, Target } from "../target.ts";
import { and32, bind32, sequence, type V128 } from "../vocabulary.ts";
import { signed } from "./assembly_names.ts";
import { hasSizes, p, sve, z, zeroing } from "./sve_assembly.ts";
import { lanesIn, testing } from "./sve_predicate_bits.ts";
import { laneOf, predicateOf, predicateTest, setPredicate } from "./sve_registers.ts";

type Holds = (a: bigint, b: bigint) => boolean;

/** Pd's lanes, where Pg's are, are the condition. */
function compare(cpu: Cpu, { Pd, Pg, size }: Fields, holds: (lane: number) => boolean) {
  const mask = predicateOf(cpu, Pg!, size!);
  const result = mask.map((isActive, lane) => isActive && holds(lane));
  setPredicate(cpu, Pd!, size!, result);
  predicateTest(cpu, mask, result);
}

type Emit = (size: number, a: V128, b: V128) => V128;
type Operands = (t: Target, quadword: QuadwordTarget, size: number) => readonly [V128, V128];

/** The code of a comparison of the vectors with these names, or of what else the operands are. */
const comparing = (emit: Emit, names: readonly string[], operands: Operands): Partial<Meaning> => ({
  operands: {
    Pd: predicate("Pd"),
    Pg: predicate("Pg"),
    ...Object.fromEntries(names.map((name) => [name, vector(name)])),
  },
  forms: ["size"],
  emit: (t, { size }) =>
    testing(t, (quadword, test) =>
      bind32(lanesIn(size!, quadword.bits("Pg")), (mask) => {
        const lanes = emit(size!, ...operands(t, quadword, size!));
        return bind32(and32(byteBits(lanes), mask), (result) =>
          sequence(quadword.setBits("Pd", result), test(mask, result)));
      })),
});

interface Row {
  readonly name: string;
  readonly isSigned: boolean;
  readonly holds: Holds;
  /** The same of all lanes: ones where it holds. */
  readonly emit: Emit;
  /** Bits 15 to 13 and 4 of the encodings by vector, by doublewords, by immediate; where there is one. */
  readonly vector?: readonly [string, 0 | 1];
  readonly wide?: readonly [string, 0 | 1];
  readonly immediate?: readonly [string, 0 | 1];
}

const rows: readonly Row[] = [
  {
    name: "CMPHS",
    emit: greaterEqualU,
    isSigned: false,
    holds: (a, b) => a >= b,
    vector: ["000", 0],
    wide: ["110", 0],
    immediate: ["0", 0],
  },
  {
    name: "CMPHI",
    emit: greaterU,
    isSigned: false,
    holds: (a, b) => a > b,
    vector: ["000", 1],
    wide: ["110", 1],
    immediate: ["0", 1],
  },
  {
    name: "CMPLO",
    emit: (size, a, b) => greaterU(size, b, a),
    isSigned: false,
    holds: (a, b) => a < b,
    wide: ["111", 0],
    immediate: ["1", 0],
  },
  {
    name: "CMPLS",
    emit: (size, a, b) => greaterEqualU(size, b, a),
    isSigned: false,
    holds: (a, b) => a <= b,
    wide: ["111", 1],
    immediate: ["1", 1],
  },
  {
    name: "CMPGE",
    emit: greaterEqualS,
    isSigned: true,
    holds: (a, b) => a >= b,
    vector: ["100", 0],
    wide: ["010", 0],
    immediate: ["000", 0],
  },
  {
    name: "CMPGT",
    emit: greaterS,
    isSigned: true,
    holds: (a, b) => a > b,
    vector: ["100", 1],
    wide: ["010", 1],
    immediate: ["000", 1],
  },
  {
    name: "CMPLT",
    emit: (size, a, b) => greaterS(size, b, a),
    isSigned: true,
    holds: (a, b) => a < b,
    wide: ["011", 0],
    immediate: ["001", 0],
  },
  {
    name: "CMPLE",
    emit: (size, a, b) => greaterEqualS(size, b, a),
    isSigned: true,
    holds: (a, b) => a <= b,
    wide: ["011", 1],
    immediate: ["001", 1],
  },
  {
    name: "CMPEQ",
    emit: equal,
    isSigned: true,
    holds: (a, b) => a === b,
    vector: ["101", 0],
    wide: ["001", 0],
    immediate: ["100", 0],
  },
  {
    name: "CMPNE",
    emit: (size, a, b) => notBits(equal(size, a, b)),
    isSigned: true,
    holds: (a, b) => a !== b,
    vector: ["101", 1],
    wide: ["001", 1],
    immediate: ["100", 1],
  },
];

const start = (name: string, f: Fields) =>
  `${name.toLowerCase()} ${p(f.Pd!, f.size!)}, ${zeroing(f)}, ${z(f.Zn!, f.size!)}`;

const byVector = ({ name, emit }: Row, [opcode, ne]: readonly [string, 0 | 1]): Definition =>
  sve(`${name} (vectors)`, `00100100 size:2 0 Zm:5 ${opcode} Pg:3 Zn:5 ${ne} Pd:4`, {
    assembly: (f) => `${start(name, f)}, ${z(f.Zm!, f.size!)}`,
    ...comparing(emit, ["Zn", "Zm"], (_, { z }) => [z("Zn"), z("Zm")]),
  });

const byWide = ({ name, isSigned, holds }: Row, [opcode, ne]: readonly [string, 0 | 1]): Definition =>
  sve(`${name} (wide elements)`, `00100100 size:2 0 Zm:5 ${opcode} Pg:3 Zn:5 ${ne} Pd:4`, {
    valid: hasSizes(0, 1, 2),
    assembly: (f) => `${start(name, f)}, ${z(f.Zm!, 3)}`,
    run(cpu, f) {
      const wide = (lane: number) => laneOf(cpu, f.Zm!, 3, lane >> 3 - f.size!, isSigned);
      compare(cpu, f, (lane) => holds(laneOf(cpu, f.Zn!, f.size!, lane, isSigned), wide(lane)));
    },
  });

function byImmediate({ name, isSigned, emit }: Row, [opcode, ne]: readonly [string, 0 | 1]): Definition {
  const immediate = (f: Fields) => isSigned ? signed(f.imm5!, 5) : f.imm7!;
  const encoding = isSigned
    ? `00100101 size:2 0 imm5:5 ${opcode} Pg:3 Zn:5 ${ne} Pd:4`
    : `00100100 size:2 1 imm7:7 ${opcode} Pg:3 Zn:5 ${ne} Pd:4`;
  return sve(`${name} (immediate)`, encoding, {
    assembly: (f) => `${start(name, f)}, #${immediate(f)}`,
    immediate,
    ...comparing(emit, ["Zn"], (t, { z }, size) => [z("Zn"), splatBits(size, t.immediate())]),
  });
}

export const sveIntegerCompare: readonly Definition[] = rows.flatMap((row) => [
  ...(row.vector ? [byVector(row, row.vector)] : []),
  ...(row.wide ? [byWide(row, row.wide)] : []),
  ...(row.immediate ? [byImmediate(row, row.immediate)] : []),
]);
