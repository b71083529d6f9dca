// Arm DDI 0487, "SVE encodings", "SVE Predicate Misc": predicates that are made, tested, or moved from and to
// FFR, the register that says which lanes of a first-fault load are good.

import { type Definition, type Operand, predicate } from "../definition.ts";
import type { Cpu } from "../cpu.ts";
import { predicateAt } from "../cpu_layout.ts";
import { and32, bind32, const32, sequence } from "../vocabulary.ts";
import { p, patternName, sve, zeroing } from "./sve_assembly.ts";
import { laneCountOf, maybeTesting, setFirstLanes, testing } from "./sve_predicate_bits.ts";
import { decodePredCount, whenAll } from "./sve_pattern.ts";
import { FFR, laneCount, predicateOf, predicateTest, setPredicate } from "./sve_registers.ts";

const all = (cpu: Cpu, size: number) => new Array<boolean>(laneCount(cpu, size)).fill(true);
const ffr: Operand = () => predicateAt(FFR);

const PTRUE = sve("PTRUE, PTRUES", "00100101 size:2 01100 S:1 111000 pattern:5 0 Pd:4", {
  assembly: ({ Pd, size, S, pattern }) =>
    `ptrue${S ? "s" : ""} ${p(Pd!, size!)}${pattern === 31 ? "" : `, ${patternName(pattern!)}`}`,
  operands: { Pd: predicate("Pd") },
  forms: ["size", "S"],
  immediate: ({ pattern }) => pattern!,
  emit: (t, { size, S }) => whenAll(t, () => setFirstLanes(t, size!, laneCountOf(t, size!), S === 1)),
  run(cpu, { Pd, size, S, pattern }) {
    const count = decodePredCount(pattern!, laneCount(cpu, size!));
    const flags = all(cpu, size!).map((_, lane) => lane < count);
    setPredicate(cpu, Pd!, size!, flags);
    if (S) predicateTest(cpu, flags, flags);
  },
});

const PFALSE = sve("PFALSE", "00100101 00011000 11100100 0000 Pd:4", {
  assembly: ({ Pd }) => `pfalse ${p(Pd!, 0)}`,
  operands: { Pd: predicate("Pd") },
  emit: (t) => t.eachQuadword(({ setBits }) => setBits("Pd", const32(0))),
});

const PTEST = sve("PTEST", "00100101 01010000 11 Pg:4 0 Pn:4 00000", {
  assembly: ({ Pg, Pn }) => `ptest p${Pg}, ${p(Pn!, 0)}`,
  operands: { Pg: predicate("Pg"), Pn: predicate("Pn") },
  emit: (t) =>
    testing(
      t,
      ({ bits }, test) => bind32(bits("Pg"), (mask) => bind32(and32(bits("Pn"), mask), (n) => test(mask, n))),
    ),
});

const PFIRST = sve("PFIRST", "00100101 01011000 1100000 Pg:4 0 Pdn:4", {
  assembly: ({ Pg, Pdn }) => `pfirst ${p(Pdn!, 0)}, p${Pg}, ${p(Pdn!, 0)}`,
  run(cpu, { Pg, Pdn }) {
    const mask = predicateOf(cpu, Pg!, 0), result = predicateOf(cpu, Pdn!, 0);
    const first = mask.indexOf(true);
    if (first >= 0) result[first] = true;
    setPredicate(cpu, Pdn!, 0, result);
    predicateTest(cpu, mask, result);
  },
});

const PNEXT = sve("PNEXT", "00100101 size:2 011001 1100010 Pg:4 0 Pdn:4", {
  assembly: ({ Pg, Pdn, size }) => `pnext ${p(Pdn!, size!)}, p${Pg}, ${p(Pdn!, size!)}`,
  run(cpu, { Pg, Pdn, size }) {
    const mask = predicateOf(cpu, Pg!, size!);
    const next = mask.indexOf(true, predicateOf(cpu, Pdn!, size!).lastIndexOf(true) + 1);
    const result = mask.map((_, lane) => lane === next);
    setPredicate(cpu, Pdn!, size!, result);
    predicateTest(cpu, mask, result);
  },
});

const RDFFR = sve("RDFFR, RDFFRS (predicated)", "00100101 0 S:1 011000 1111000 Pg:4 0 Pd:4", {
  assembly: (f) => `rdffr${f.S ? "s" : ""} ${p(f.Pd!, 0)}, ${zeroing(f)}`,
  operands: { Pd: predicate("Pd"), Pg: predicate("Pg"), FFR: ffr },
  forms: ["S"],
  emit: (t, { S }) =>
    maybeTesting(
      t,
      S === 1,
      ({ bits, setBits }, test) =>
        bind32(bits("Pg"), (mask) =>
          bind32(and32(bits("FFR"), mask), (result) =>
            sequence(setBits("Pd", result), test(mask, result)))),
    ),
});

export const svePredicateSet: readonly Definition[] = [
  PTRUE,
  PFALSE,
  PTEST,
  PFIRST,
  PNEXT,
  RDFFR,
  sve("RDFFR (unpredicated)", "00100101 00011001 11110000 0000 Pd:4", {
    assembly: ({ Pd }) => `rdffr ${p(Pd!, 0)}`,
    operands: { Pd: predicate("Pd"), FFR: ffr },
    emit: (t) => t.eachQuadword(({ bits, setBits }) => setBits("Pd", bits("FFR"))),
  }),
  sve("WRFFR", "00100101 00101000 1001000 Pn:4 00000", {
    assembly: ({ Pn }) => `wrffr ${p(Pn!, 0)}`,
    operands: { FFR: ffr, Pn: predicate("Pn") },
    emit: (t) => t.eachQuadword(({ bits, setBits }) => setBits("FFR", bits("Pn"))),
  }),
  sve("SETFFR", "00100101 00101100 10010000 00000000", {
    assembly: () => "setffr",
    operands: { FFR: ffr },
    emit: (t) => t.eachQuadword(({ setBits }) => setBits("FFR", const32(0xffff))),
  }),
];
