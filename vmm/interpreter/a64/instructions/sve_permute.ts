// Arm DDI 0487, "SVE encodings", "SVE Permute Vector - Unpredicated", "- Extract" and "- Interleaving": lanes
// moved to other places. Sizes are up to 4, of quadwords, where FEAT_F64MM is there.

import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, orSp, vector } from "../definition.ts";
import { splatBits } from "../simd_vocabulary.ts";
import { vectorBytes } from "../cpu_layout.ts";
import { GuestException } from "../guest_exception.ts";
import { generalRegister, registerOrSp } from "./assembly_names.ts";
import { sve, sveFloat64Matrix, v, z, zLane, zNames } from "./sve_assembly.ts";
import {
  duplicatingCode,
  extractingCode,
  interleavingCode,
  lookingUpCode,
  reversingCode,
  unpackingCode,
} from "./sve_permute_code.ts";
import { copyOf, laneCount, laneOf, lanesOf, setBytes, setLanes } from "./sve_registers.ts";

/** The bytes of a lane, in place. */
const bytesOf = (cpu: Cpu, Zn: number, size: number, lane: number) => {
  const at = Zn * vectorBytes + (lane << size);
  return cpu.v.subarray(at, at + (1 << size));
};

/** The lanes of two registers, by number: true is of the second; what is not there is zero. */
type Source = readonly [isSecond: boolean, lane: number];

function permute(cpu: Cpu, f: Fields, size: number, source: (lane: number) => Source | undefined) {
  const result = new Uint8Array(copyOf(cpu, f.Zd!).length);
  for (let lane = 0; lane < result.length >> size; lane++) {
    const from = source(lane);
    if (from) result.set(bytesOf(cpu, from[0] ? f.Zm! : f.Zn!, size, from[1]), lane << size);
  }
  setBytes(cpu, f.Zd!, result);
}

/** Which lane of which register comes to a lane of so many. Of an odd number, one may be left over. */
export type Interleaving = (lane: number, count: number) => Source | undefined;

const ofPairs = (of: (lane: number, pairs: number) => Source): Interleaving => (lane, count) => {
  const pairs = count >> 1;
  return lane < 2 * pairs ? of(lane, pairs) : undefined;
};

/** With the upper half of them, or the odd lanes. */
export const interleavings: Readonly<Record<string, (part: 0 | 1) => Interleaving>> = {
  ZIP: (part) => ofPairs((lane, pairs) => [(lane & 1) === 1, part * pairs + (lane >> 1)]),
  UZP: (part) => (lane, count) => {
    const from = 2 * lane + part;
    return from < count ? [false, from] : [true, from - count];
  },
  TRN: (part) => ofPairs((lane) => [(lane & 1) === 1, (lane & ~1) + part]),
};

/** ESR_EL1.EC of an undefined instruction: this vector is too short for it. */
const unknown = 0x00;

function interleave(cpu: Cpu, f: Fields, size: number, interleaving: Interleaving) {
  const count = laneCount(cpu, size);
  if (count < 2) throw new GuestException(unknown, 0);
  permute(cpu, f, size, (lane) => interleaving(lane, count));
}

const interleaves = Object.entries(interleavings).flatMap(([name, of], index) =>
  ([0, 1] as const).flatMap((part) => {
    const title = `${name}${part + 1}`, opcode = (2 * index + part).toString(2).padStart(3, "0");
    const assembly = (f: Fields) => `${title.toLowerCase()} ${zNames(f, f.size ?? 4, "Zd", "Zn", "Zm")}`;
    // Of quadwords, TRN has the next two numbers.
    const wideOpcode = name === "TRN" ? `11${part}` : opcode;
    return [
      sve(`${title} (vectors)`, `00000101 size:2 1 Zm:5 011 ${opcode} Zn:5 Zd:5`, {
        assembly,
        ...interleavingCode[name]!(part),
      }),
      sve(`${title} (vectors, quadwords)`, `00000101 101 Zm:5 000 ${wideOpcode} Zn:5 Zd:5`, {
        needs: sveFloat64Matrix,
        assembly,
        run: (cpu, f) => interleave(cpu, f, 4, of(part)),
      }),
    ];
  })
);

const EXT = sve("EXT", "00000101 001 imm8h:5 000 imm8l:3 Zm:5 Zdn:5", {
  assembly: (f) => `ext ${zNames(f, 0, "Zdn", "Zdn", "Zm")}, #${f.imm8h! << 3 | f.imm8l!}`,
  immediate: (f) => f.imm8h! << 3 | f.imm8l!,
  ...extractingCode,
});

/** The lowest bit of tsz that is set is the size, those above it are the lane. */
const tszSize = ({ tsz }: Fields) => 31 - Math.clz32(tsz! & -tsz!);
const tszLane = (f: Fields) => (f.imm2! << 5 | f.tsz!) >> tszSize(f) + 1;

const DUP = sve("DUP (indexed)", "00000101 imm2:2 1 tsz:5 001000 Zn:5 Zd:5", {
  valid: ({ tsz }) => tsz !== 0,
  assembly: (f) => {
    const size = tszSize(f), lane = tszLane(f);
    return `mov ${z(f.Zd!, size)}, ${lane ? zLane(f.Zn!, size, lane) : v(f.Zn!, size)}`;
  },
  immediate: (f) => tszLane(f) << tszSize(f),
  ...duplicatingCode((tsz) => tszSize({ tsz })),
  run(cpu, f) {
    const size = tszSize(f), lane = tszLane(f);
    permute(cpu, f, size, () => lane < laneCount(cpu, size) ? [false, lane] : undefined);
  },
});

const TBL = sve("TBL", "00000101 size:2 1 Zm:5 001100 Zn:5 Zd:5", {
  assembly: (f) => `tbl ${z(f.Zd!, f.size!)}, {${z(f.Zn!, f.size!)}}, ${z(f.Zm!, f.size!)}`,
  ...lookingUpCode,
});

const REV = sve("REV (vector)", "00000101 size:2 111000 001110 Zn:5 Zd:5", {
  assembly: (f) => `rev ${zNames(f, f.size!, "Zd", "Zn")}`,
  ...reversingCode,
});

const DUP_SCALAR = sve("DUP (scalar)", "00000101 size:2 100000 001110 Rn:5 Zd:5", {
  assembly: ({ Zd, Rn, size }) => `mov ${z(Zd!, size!)}, ${registerOrSp(Rn!, size === 3 ? 1 : 0)}`,
  operands: { Zd: vector("Zd"), Rn: orSp("Rn") },
  forms: ["size"],
  emit: (t, { size }) => t.eachQuadword(({ setZ }) => setZ("Zd", splatBits(size!, t.x("Rn")))),
});

/** All lanes up by one, a new one at the bottom. */
function insert(cpu: Cpu, { Zdn, size }: Fields, value: bigint) {
  setLanes(cpu, Zdn!, size!, [value, ...lanesOf(cpu, Zdn!, size!).slice(0, -1)]);
}

const inserts: readonly Definition[] = [
  sve("INSR (scalar)", "00000101 size:2 100100 001110 Rm:5 Zdn:5", {
    assembly: ({ Zdn, Rm, size }) => `insr ${z(Zdn!, size!)}, ${generalRegister(Rm!, size === 3 ? 1 : 0)}`,
    run: (cpu, f) => insert(cpu, f, cpu.readX(f.Rm!)),
  }),
  sve("INSR (SIMD&FP scalar)", "00000101 size:2 110100 001110 Vm:5 Zdn:5", {
    assembly: ({ Zdn, Vm, size }) => `insr ${z(Zdn!, size!)}, ${v(Vm!, size!)}`,
    run: (cpu, f) => insert(cpu, f, laneOf(cpu, f.Vm!, f.size!, 0)),
  }),
];

/** Half of the lanes, in twice the width. */
const unpack = (name: string, U: 0 | 1, H: 0 | 1): Definition =>
  sve(name, `00000101 size:2 1100 ${U}${H} 001110 Zn:5 Zd:5`, {
    valid: ({ size }) => size !== 0,
    assembly: ({ Zd, Zn, size }) => `${name.toLowerCase()} ${z(Zd!, size!)}, ${z(Zn!, size! - 1)}`,
    ...unpackingCode(U === 0, H),
  });

export const svePermute: readonly Definition[] = [
  ...interleaves,
  EXT,
  DUP,
  TBL,
  REV,
  DUP_SCALAR,
  ...inserts,
  unpack("SUNPKLO", 0, 0),
  unpack("SUNPKHI", 0, 1),
  unpack("UUNPKLO", 1, 0),
  unpack("UUNPKHI", 1, 1),
];
