// FMLAL, FMLAL2, FMLSL and FMLSL2, products of half precision added in single precision: Arm DDI 0487, "A64
// instruction set encoding", "Advanced SIMD three same" and "Advanced SIMD vector x indexed element".

import { type Definition, type Fields, instruction, type Meaning, type Need } from "../definition.ts";
import { FPNeg, HALF, SINGLE } from "../float/format.ts";
import { FPMulAddH } from "../float/fused.ts";
import { laneName, vectorName } from "../simd_assembly.ts";
import { readLane } from "../simd_lanes.ts";
import { laneCount, lanesOf, writeFloats } from "./simd_float_lanes.ts";

const FEAT_FHM: Need = ["ID_AA64ISAR0_EL1", 48, 1];

interface Row {
  readonly name: string;
  readonly vector: string;
  readonly byElement: string;
  readonly subtracts: boolean;
  /** Of the factors' lower or upper lanes. */
  readonly part: 0 | 1;
}

const rest = "L:1 M:1 Rm:4";
const rows: readonly Row[] = [
  {
    name: "FMLAL",
    vector: "0 01110 0 0 1 Rm:5 11101 1",
    byElement: `0 01111 10 ${rest} 0000 H:1 0`,
    subtracts: false,
    part: 0,
  },
  {
    name: "FMLSL",
    vector: "0 01110 1 0 1 Rm:5 11101 1",
    byElement: `0 01111 10 ${rest} 0100 H:1 0`,
    subtracts: true,
    part: 0,
  },
  {
    name: "FMLAL2",
    vector: "1 01110 0 0 1 Rm:5 11001 1",
    byElement: `1 01111 10 ${rest} 1000 H:1 0`,
    subtracts: false,
    part: 1,
  },
  {
    name: "FMLSL2",
    vector: "1 01110 1 0 1 Rm:5 11001 1",
    byElement: `1 01111 10 ${rest} 1100 H:1 0`,
    subtracts: true,
    part: 1,
  },
];

/** Two or four lanes of half precision are no whole vector. */
const halves = (n: number, Q: number) => `v${n}.${Q ? 4 : 2}h`;

const lane = ({ H, L, M }: Fields) => 4 * H! + 2 * L! + M!;

const meaningOf = ({ name, subtracts, part }: Row, isByElement: boolean): Meaning => ({
  uses: "fp",
  needs: FEAT_FHM,
  assembly(f) {
    const third = isByElement ? laneName(f.Rm!, 1, lane(f)) : halves(f.Rm!, f.Q!);
    return `${name.toLowerCase()} ${vectorName(f.Rd!, 2, f.Q!)}, ${halves(f.Rn!, f.Q!)}, ${third}`;
  },
  run(cpu, f) {
    const count = laneCount(f, SINGLE), first = part * count;
    const n = lanesOf(cpu, f.Rn!, HALF, count, first);
    const m = isByElement
      ? n.map(() => readLane(cpu, f.Rm!, lane(f), 16, false))
      : lanesOf(cpu, f.Rm!, HALF, count, first);
    const results = lanesOf(cpu, f.Rd!, SINGLE, count).map((sum, each) =>
      FPMulAddH(sum, subtracts ? FPNeg(n[each]!, HALF) : n[each]!, m[each]!, cpu)
    );
    writeFloats(cpu, f.Rd!, SINGLE, results);
  },
});

export const simdFloatWidening: readonly Definition[] = rows.flatMap((row) => [
  instruction(row.name, `0 Q:1 ${row.vector} Rn:5 Rd:5`, meaningOf(row, false)),
  instruction(`${row.name} (by element)`, `0 Q:1 ${row.byElement} Rn:5 Rd:5`, meaningOf(row, true)),
]);
