// What SVE2 has of "SVE Permute Vector" (Arm DDI 0487, "SVE encodings"): tables of two registers, TBX, and the
// forms of EXT and SPLICE that leave their operands alone.

import type { Definition, Fields } from "../definition.ts";
import { sve2, z } from "./sve_assembly.ts";
import { extracted, spliced } from "./sve_permute_pairs.ts";
import { lanesOf, setBytes, setLanes } from "./sve_registers.ts";

const next = (n: number) => (n + 1) % 32;
/** "{z1.b, z2.b}" */
const pairName = ({ Zn }: Fields, size: number) => `{${z(Zn!, size)}, ${z(next(Zn!), size)}}`;

const EXT = sve2("EXT (constructive)", "00000101 011 imm8h:5 000 imm8l:3 Zn:5 Zd:5", {
  assembly: (f) => `ext ${z(f.Zd!, 0)}, ${pairName(f, 0)}, #${f.imm8h! << 3 | f.imm8l!}`,
  run: (cpu, f) => setBytes(cpu, f.Zd!, extracted(cpu, f.Zn!, next(f.Zn!), f.imm8h! << 3 | f.imm8l!)),
});

const SPLICE = sve2("SPLICE (constructive)", "00000101 size:2 101101 100 Pg:3 Zn:5 Zd:5", {
  assembly: (f) => `splice ${z(f.Zd!, f.size!)}, p${f.Pg}, ${pairName(f, f.size!)}`,
  run: (cpu, { Zd, Zn, Pg, size }) => setLanes(cpu, Zd!, size!, spliced(cpu, Pg!, size!, Zn!, next(Zn!))),
});

const TBL = sve2("TBL (two registers)", "00000101 size:2 1 Zm:5 001010 Zn:5 Zd:5", {
  assembly: (f) => `tbl ${z(f.Zd!, f.size!)}, ${pairName(f, f.size!)}, ${z(f.Zm!, f.size!)}`,
  run(cpu, { Zd, Zn, Zm, size }) {
    const table = [...lanesOf(cpu, Zn!, size!), ...lanesOf(cpu, next(Zn!), size!)];
    const look = (index: bigint) => index < table.length ? table[Number(index)]! : 0n;
    setLanes(cpu, Zd!, size!, lanesOf(cpu, Zm!, size!).map(look));
  },
});

/** What is not in the table leaves its lane. */
const TBX = sve2("TBX", "00000101 size:2 1 Zm:5 001011 Zn:5 Zd:5", {
  assembly: (f) => `tbx ${z(f.Zd!, f.size!)}, ${z(f.Zn!, f.size!)}, ${z(f.Zm!, f.size!)}`,
  run(cpu, { Zd, Zn, Zm, size }) {
    const table = lanesOf(cpu, Zn!, size!), before = lanesOf(cpu, Zd!, size!);
    const look = (index: bigint, lane: number) =>
      index < table.length ? table[Number(index)]! : before[lane]!;
    setLanes(cpu, Zd!, size!, lanesOf(cpu, Zm!, size!).map(look));
  },
});

export const sve2Permute: readonly Definition[] = [EXT, SPLICE, TBL, TBX];
