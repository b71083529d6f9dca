// Arm DDI 0487, "SVE encodings", "SVE Index Generation", "SVE Address Generation" and "SVE Integer Misc -
// Unpredicated": INDEX, ADR and MOVPRFX. What follows MOVPRFX need not be looked at: done by itself it is a
// move.

import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, predicate, vector } from "../definition.ts";
import { generalRegister, signed } from "./assembly_names.ts";
import { bitselect, zeroQ } from "./load_store_lanes.ts";
import { quadwords } from "./sve_quadwords.ts";
import { sve, z } from "./sve_assembly.ts";
import { eachLane, laneOf, setLanes } from "./sve_registers.ts";

interface Operand {
  readonly name: string;
  readonly value: (cpu: Cpu, fields: Fields) => bigint;
  readonly text: (fields: Fields) => string;
}

const register = (field: string): Operand => ({
  name: "scalar",
  value: (cpu, f) => cpu.readX(f[field]!),
  text: (f) => generalRegister(f[field]!, f.size === 3 ? 1 : 0),
});
const immediate = (field: string): Operand => ({
  name: "immediate",
  value: (_, f) => BigInt(signed(f[field]!, 5)),
  text: (f) => `#${signed(f[field]!, 5)}`,
});

/** The first lane, and what each has more than the one before. */
const index = (encoding: string, first: Operand, step: Operand): Definition =>
  sve(`INDEX (${first.name}, ${step.name})`, `00000100 size:2 1 ${encoding} Zd:5`, {
    assembly: (f) => `index ${z(f.Zd!, f.size!)}, ${first.text(f)}, ${step.text(f)}`,
    run(cpu, f) {
      const from = first.value(cpu, f), by = step.value(cpu, f);
      setLanes(cpu, f.Zd!, f.size!, eachLane(cpu, f.size!, (lane) => from + BigInt(lane) * by));
    },
  });

/** @param extend of offsets that are the low words of lanes of 64 bits */
const address = (opcode: string, size: number, extend: "sxtw" | "uxtw" | undefined): Definition => {
  const title = extend ? `unpacked, ${extend}` : `packed, ${size === 3 ? 64 : 32} bits`;
  return sve(`ADR (${title})`, `00000100 ${opcode} 1 Zm:5 1010 msz:2 Zn:5 Zd:5`, {
    assembly: (f) => {
      const amount = f.msz ? ` #${f.msz}` : "";
      const modifier = extend ? `, ${extend}${amount}` : f.msz ? `, lsl${amount}` : "";
      return `adr ${z(f.Zd!, size)}, [${z(f.Zn!, size)}, ${z(f.Zm!, size)}${modifier}]`;
    },
    run(cpu, f) {
      const offset = (lane: number) => {
        const value = laneOf(cpu, f.Zm!, size, lane);
        return extend ? (extend === "sxtw" ? BigInt.asIntN : BigInt.asUintN)(32, value) : value;
      };
      const of = (lane: number) => laneOf(cpu, f.Zn!, size, lane) + (offset(lane) << BigInt(f.msz!));
      setLanes(cpu, f.Zd!, size, eachLane(cpu, size, of));
    },
  });
};

const prefixes: readonly Definition[] = [
  sve("MOVPRFX (unpredicated)", "00000100 001 00000 101111 Zn:5 Zd:5", {
    assembly: ({ Zd, Zn }) => `movprfx z${Zd}, z${Zn}`,
    ...quadwords({ operands: ["Zd", "Zn"], sizes: 3 }, (_, of) => of("Zn")),
  }),
  sve("MOVPRFX (predicated)", "00000100 size:2 01000 M:1 001 Pg:3 Zn:5 Zd:5", {
    assembly: ({ Zd, Zn, Pg, M, size }) =>
      `movprfx ${z(Zd!, size!)}, p${Pg}/${M ? "m" : "z"}, ${z(Zn!, size!)}`,
    operands: { Zd: vector("Zd"), Zn: vector("Zn"), Pg: predicate("Pg") },
    forms: ["size", "M"],
    emit: (t, { size, M }) =>
      t.eachQuadword(({ z, setZ, mask }) =>
        setZ("Zd", bitselect(z("Zn"), M ? z("Zd") : zeroQ, mask("Pg", size!)))
      ),
  }),
];

export const sveIndexAddress: readonly Definition[] = [
  index("imm5b:5 010000 imm5:5", immediate("imm5"), immediate("imm5b")),
  index("imm5:5 010001 Rn:5", register("Rn"), immediate("imm5")),
  index("Rm:5 010010 imm5:5", immediate("imm5"), register("Rm")),
  index("Rm:5 010011 Rn:5", register("Rn"), register("Rm")),
  address("00", 3, "sxtw"),
  address("01", 3, "uxtw"),
  address("10", 2, undefined),
  address("11", 3, undefined),
  ...prefixes,
];
