// Arm DDI 0487, "SVE encodings", "SVE2 Character Match", "SVE2 Histogram Generation" of vectors and of segments,
// which are quadwords: lanes that are found among others.

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields } from "../definition.ts";
import { equal, rearrange, subLanes } from "../simd_vocabulary.ts";
import { bindQ } from "../simd_vocabulary.ts";
import { zeroQ } from "./load_store_lanes.ts";
import { hasSizes, p, sve2, z, zeroing, zNames } from "./sve_assembly.ts";
import { quadwords } from "./sve_quadwords.ts";
import {
  eachLane,
  isActive,
  lanesOf,
  predicateOf,
  predicateTest,
  setLanes,
  setPredicate,
} from "./sve_registers.ts";

/** Whether each lane is among those of the other's quadword. */
function match(cpu: Cpu, { Pd, Pg, Zn, Zm, size }: Fields, op: 0 | 1) {
  const mask = predicateOf(cpu, Pg!, size!), n = lanesOf(cpu, Zn!, size!), m = lanesOf(cpu, Zm!, size!);
  const count = 16 >> size!;
  const isFound = (lane: number) => {
    const segment = lane - lane % count;
    return m.slice(segment, segment + count).includes(n[lane]!);
  };
  const result = mask.map((flag, lane) => flag && isFound(lane) === (op === 0));
  setPredicate(cpu, Pd!, size!, result);
  predicateTest(cpu, mask, result);
}

const matching = (name: string, op: 0 | 1): Definition =>
  sve2(name, `01000101 size:2 1 Zm:5 100 Pg:3 Zn:5 ${op} Pd:4`, {
    valid: hasSizes(0, 1),
    assembly: (f) =>
      `${name.toLowerCase()} ${p(f.Pd!, f.size!)}, ${zeroing(f)}, ${zNames(f, f.size!, "Zn", "Zm")}`,
    run: (cpu, f) => match(cpu, f, op),
  });

/** How often each active lane is among the other's active ones up to its place. */
const HISTCNT = sve2("HISTCNT", "01000101 size:2 1 Zm:5 110 Pg:3 Zn:5 Zd:5", {
  valid: hasSizes(2, 3),
  assembly: (f) => `histcnt ${z(f.Zd!, f.size!)}, ${zeroing(f)}, ${zNames(f, f.size!, "Zn", "Zm")}`,
  run(cpu, { Zd, Pg, Zn, Zm, size }) {
    const n = lanesOf(cpu, Zn!, size!), m = lanesOf(cpu, Zm!, size!), counts = new Map<bigint, bigint>();
    const values = eachLane(cpu, size!, (lane) => {
      if (!isActive(cpu, Pg!, size!, lane)) return 0n;
      counts.set(m[lane]!, (counts.get(m[lane]!) ?? 0n) + 1n);
      return counts.get(n[lane]!) ?? 0n;
    });
    setLanes(cpu, Zd!, size!, values);
  },
});

/** How often each byte is in the other's quadword. */
const HISTSEG = sve2("HISTSEG", "01000101 00 1 Zm:5 101000 Zn:5 Zd:5", {
  assembly: (f) => `histseg ${zNames(f, 0, "Zd", "Zn", "Zm")}`,
  ...quadwords(
    { operands: ["Zd", "Zn", "Zm"], sizes: 0 },
    (_, of) =>
      bindQ(of("Zn"), (n) =>
        bindQ(of("Zm"), (m) => {
          let count = zeroQ;
          for (let byte = 0; byte < 16; byte++) {
            count = subLanes(
              0,
              count,
              equal(0, n, rearrange(m, () => byte)),
            );
          }
          return count;
        })),
  ),
});

export const sve2Search: readonly Definition[] = [
  matching("MATCH", 0),
  matching("NMATCH", 1),
  HISTCNT,
  HISTSEG,
];
