// Arm DDI 0487, "SVE encodings", "SVE Integer Compare - Vectors", "- Unsigned Immediate" and "- Signed
// Immediate": a predicate of the active lanes for which it holds, and the flags.

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields } from "../definition.ts";
import { signed } from "./assembly_names.ts";
import { hasSizes, p, sve, z, zeroing } from "./sve_assembly.ts";
import { laneOf, predicateOf, predicateTest, setPredicate } from "./sve_registers.ts";

type Holds = (a: bigint, b: bigint) => boolean;

/** Pd's lanes, where Pg's are, are the condition. */
function compare(cpu: Cpu, { Pd, Pg, size }: Fields, holds: (lane: number) => boolean) {
  const mask = predicateOf(cpu, Pg!, size!);
  const result = mask.map((isActive, lane) => isActive && holds(lane));
  setPredicate(cpu, Pd!, size!, result);
  predicateTest(cpu, mask, result);
}

interface Row {
  readonly name: string;
  readonly isSigned: boolean;
  readonly holds: Holds;
  /** Bits 15 to 13 and 4 of the encodings by vector, by doublewords, by immediate; where there is one. */
  readonly vector?: readonly [string, 0 | 1];
  readonly wide?: readonly [string, 0 | 1];
  readonly immediate?: readonly [string, 0 | 1];
}

const rows: readonly Row[] = [
  {
    name: "CMPHS",
    isSigned: false,
    holds: (a, b) => a >= b,
    vector: ["000", 0],
    wide: ["110", 0],
    immediate: ["0", 0],
  },
  {
    name: "CMPHI",
    isSigned: false,
    holds: (a, b) => a > b,
    vector: ["000", 1],
    wide: ["110", 1],
    immediate: ["0", 1],
  },
  { name: "CMPLO", isSigned: false, holds: (a, b) => a < b, wide: ["111", 0], immediate: ["1", 0] },
  { name: "CMPLS", isSigned: false, holds: (a, b) => a <= b, wide: ["111", 1], immediate: ["1", 1] },
  {
    name: "CMPGE",
    isSigned: true,
    holds: (a, b) => a >= b,
    vector: ["100", 0],
    wide: ["010", 0],
    immediate: ["000", 0],
  },
  {
    name: "CMPGT",
    isSigned: true,
    holds: (a, b) => a > b,
    vector: ["100", 1],
    wide: ["010", 1],
    immediate: ["000", 1],
  },
  { name: "CMPLT", isSigned: true, holds: (a, b) => a < b, wide: ["011", 0], immediate: ["001", 0] },
  { name: "CMPLE", isSigned: true, holds: (a, b) => a <= b, wide: ["011", 1], immediate: ["001", 1] },
  {
    name: "CMPEQ",
    isSigned: true,
    holds: (a, b) => a === b,
    vector: ["101", 0],
    wide: ["001", 0],
    immediate: ["100", 0],
  },
  {
    name: "CMPNE",
    isSigned: true,
    holds: (a, b) => a !== b,
    vector: ["101", 1],
    wide: ["001", 1],
    immediate: ["100", 1],
  },
];

const start = (name: string, f: Fields) =>
  `${name.toLowerCase()} ${p(f.Pd!, f.size!)}, ${zeroing(f)}, ${z(f.Zn!, f.size!)}`;

const byVector = ({ name, isSigned, holds }: Row, [opcode, ne]: readonly [string, 0 | 1]): Definition =>
  sve(`${name} (vectors)`, `00100100 size:2 0 Zm:5 ${opcode} Pg:3 Zn:5 ${ne} Pd:4`, {
    assembly: (f) => `${start(name, f)}, ${z(f.Zm!, f.size!)}`,
    run(cpu, f) {
      const of = (n: number, lane: number) => laneOf(cpu, n, f.size!, lane, isSigned);
      compare(cpu, f, (lane) => holds(of(f.Zn!, lane), of(f.Zm!, lane)));
    },
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

function byImmediate({ name, isSigned, holds }: Row, [opcode, ne]: readonly [string, 0 | 1]): Definition {
  const immediate = (f: Fields) => isSigned ? signed(f.imm5!, 5) : f.imm7!;
  const encoding = isSigned
    ? `00100101 size:2 0 imm5:5 ${opcode} Pg:3 Zn:5 ${ne} Pd:4`
    : `00100100 size:2 1 imm7:7 ${opcode} Pg:3 Zn:5 ${ne} Pd:4`;
  return sve(`${name} (immediate)`, encoding, {
    assembly: (f) => `${start(name, f)}, #${immediate(f)}`,
    run(cpu, f) {
      const value = BigInt(immediate(f));
      compare(cpu, f, (lane) => holds(laneOf(cpu, f.Zn!, f.size!, lane, isSigned), value));
    },
  });
}

export const sveIntegerCompare: readonly Definition[] = rows.flatMap((row) => [
  ...(row.vector ? [byVector(row, row.vector)] : []),
  ...(row.wide ? [byWide(row, row.wide)] : []),
  ...(row.immediate ? [byImmediate(row, row.immediate)] : []),
]);
