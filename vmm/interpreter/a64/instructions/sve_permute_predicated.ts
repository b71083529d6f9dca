// Arm DDI 0487, "SVE encodings", "SVE Permute Vector - Predicated" and "SVE Select": lanes by which predicate
// they have, and the last active lane or the one after it.

import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, predicate, vector } from "../definition.ts";
import { generalRegister, registerOrSp } from "./assembly_names.ts";
import { bitselect } from "./load_store_lanes.ts";
import { hasSizes, merging, sve, v, z, zNames } from "./sve_assembly.ts";
import { mergeLanes } from "./sve_lane_operations.ts";
import { spliced } from "./sve_permute_pairs.ts";
import {
  eachLane,
  isActive,
  laneCount,
  laneOf,
  lanesOf,
  predicateOf,
  setLanes,
  setScalar,
} from "./sve_registers.ts";

const copies: readonly Definition[] = [
  sve("CPY (scalar)", "00000101 size:2 101000 101 Pg:3 Rn:5 Zd:5", {
    assembly: (f) => `mov ${z(f.Zd!, f.size!)}, ${merging(f)}, ${registerOrSp(f.Rn!, f.size === 3 ? 1 : 0)}`,
    run(cpu, { Zd, Pg, Rn, size }) {
      const value = Rn === 31 ? cpu.sp : cpu.readX(Rn!);
      mergeLanes(cpu, Zd!, Pg!, size!, () => value);
    },
  }),
  sve("CPY (SIMD&FP scalar)", "00000101 size:2 100000 100 Pg:3 Vn:5 Zd:5", {
    assembly: (f) => `mov ${z(f.Zd!, f.size!)}, ${merging(f)}, ${v(f.Vn!, f.size!)}`,
    run(cpu, { Zd, Pg, Vn, size }) {
      const value = laneOf(cpu, Vn!, size!, 0);
      mergeLanes(cpu, Zd!, Pg!, size!, () => value);
    },
  }),
];

/** The active lanes one after another, zeroes above them. */
const COMPACT = sve("COMPACT", "00000101 size:2 100001 100 Pg:3 Zn:5 Zd:5", {
  valid: hasSizes(2, 3),
  assembly: (f) => `compact ${z(f.Zd!, f.size!)}, p${f.Pg}, ${z(f.Zn!, f.size!)}`,
  run(cpu, { Zd, Pg, Zn, size }) {
    const active = lanesOf(cpu, Zn!, size!).filter((_, lane) => isActive(cpu, Pg!, size!, lane));
    setLanes(cpu, Zd!, size!, eachLane(cpu, size!, (lane) => active[lane] ?? 0n));
  },
});

const SPLICE = sve("SPLICE", "00000101 size:2 101100 100 Pg:3 Zm:5 Zdn:5", {
  assembly: (f) => `splice ${z(f.Zdn!, f.size!)}, p${f.Pg}, ${zNames(f, f.size!, "Zdn", "Zm")}`,
  run: (cpu, { Zdn, Pg, Zm, size }) => setLanes(cpu, Zdn!, size!, spliced(cpu, Pg!, size!, Zdn!, Zm!)),
});

const SEL = sve("SEL (vectors)", "00000101 size:2 1 Zm:5 11 Pg:4 Zn:5 Zd:5", {
  assembly: (f) =>
    f.Zd === f.Zm
      ? `mov ${z(f.Zd!, f.size!)}, ${merging(f)}, ${z(f.Zn!, f.size!)}`
      : `sel ${z(f.Zd!, f.size!)}, p${f.Pg}, ${zNames(f, f.size!, "Zn", "Zm")}`,
  operands: { Zd: vector("Zd"), Zn: vector("Zn"), Zm: vector("Zm"), Pg: predicate("Pg") },
  forms: ["size"],
  emit: (t, { size }) =>
    t.eachQuadword(({ z, setZ, mask }) => setZ("Zd", bitselect(z("Zn"), z("Zm"), mask("Pg", size!)))),
});

/** -1 where no lane is active. */
const lastActive = (cpu: Cpu, { Pg, size }: Fields) => predicateOf(cpu, Pg!, size!).lastIndexOf(true);

/** The last active lane, the vector's if there is none; or (A) the one after it, which follows the last. */
function lane(cpu: Cpu, f: Fields, Zn: number, isBefore: boolean): bigint {
  const count = laneCount(cpu, f.size!), last = lastActive(cpu, f);
  const at = isBefore ? (last + count) % count : (last + 1) % count;
  return laneOf(cpu, Zn, f.size!, at);
}

const general = (n: number, size: number) => generalRegister(n, size === 3 ? 1 : 0);

function last(name: string, B: 0 | 1): Definition[] {
  const mnemonic = name.toLowerCase();
  return [
    sve(`${name} (scalar)`, `00000101 size:2 10000 ${B} 101 Pg:3 Zn:5 Rd:5`, {
      assembly: ({ Rd, Pg, Zn, size }) => `${mnemonic} ${general(Rd!, size!)}, p${Pg}, ${z(Zn!, size!)}`,
      run: (cpu, f) => cpu.writeX(f.Rd!, lane(cpu, f, f.Zn!, B === 1)),
    }),
    sve(`${name} (SIMD&FP scalar)`, `00000101 size:2 10001 ${B} 100 Pg:3 Zn:5 Vd:5`, {
      assembly: ({ Vd, Pg, Zn, size }) => `${mnemonic} ${v(Vd!, size!)}, p${Pg}, ${z(Zn!, size!)}`,
      run: (cpu, f) => setScalar(cpu, f.Vd!, f.size!, lane(cpu, f, f.Zn!, B === 1)),
    }),
  ];
}

/** Where no lane is active, what the destination has, in the lane's width. */
function conditionalLast(name: string, B: 0 | 1): Definition[] {
  const mnemonic = name.toLowerCase();
  const found = (cpu: Cpu, f: Fields) => lastActive(cpu, f) < 0 ? undefined : lane(cpu, f, f.Zm!, B === 1);
  return [
    sve(`${name} (scalar)`, `00000101 size:2 11000 ${B} 101 Pg:3 Zm:5 Rdn:5`, {
      assembly: ({ Rdn, Pg, Zm, size }) => {
        const register = general(Rdn!, size!);
        return `${mnemonic} ${register}, p${Pg}, ${register}, ${z(Zm!, size!)}`;
      },
      run: (cpu, f) => cpu.writeX(f.Rdn!, found(cpu, f) ?? BigInt.asUintN(8 << f.size!, cpu.readX(f.Rdn!))),
    }),
    sve(`${name} (SIMD&FP scalar)`, `00000101 size:2 10101 ${B} 100 Pg:3 Zm:5 Vdn:5`, {
      assembly: ({ Vdn, Pg, Zm, size }) =>
        `${mnemonic} ${v(Vdn!, size!)}, p${Pg}, ${v(Vdn!, size!)}, ${z(Zm!, size!)}`,
      run: (cpu, f) => setScalar(cpu, f.Vdn!, f.size!, found(cpu, f) ?? laneOf(cpu, f.Vdn!, f.size!, 0)),
    }),
    sve(`${name} (vectors)`, `00000101 size:2 10100 ${B} 100 Pg:3 Zm:5 Zdn:5`, {
      assembly: (f) => `${mnemonic} ${z(f.Zdn!, f.size!)}, p${f.Pg}, ${zNames(f, f.size!, "Zdn", "Zm")}`,
      run(cpu, f) {
        const value = found(cpu, f);
        if (value !== undefined) setLanes(cpu, f.Zdn!, f.size!, eachLane(cpu, f.size!, () => value));
      },
    }),
  ];
}

export const svePermutePredicated: readonly Definition[] = [
  ...copies,
  COMPACT,
  SPLICE,
  SEL,
  ...last("LASTA", 0),
  ...last("LASTB", 1),
  ...conditionalLast("CLASTA", 0),
  ...conditionalLast("CLASTB", 1),
];
