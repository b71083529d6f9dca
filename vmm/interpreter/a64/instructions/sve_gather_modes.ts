// The addresses of gather loads, scatter stores and gather prefetches, a lane each: a base and a vector of
// offsets, or a vector of bases and one offset (Arm DDI 0487, "SVE encodings", "SVE Memory - 32-bit Gather
// and Unsized Contiguous", "SVE Memory - 64-bit Gather").

import type { Cpu } from "../cpu.ts";
import { type Fields, orSp, read } from "../definition.ts";
import { add, const64, extend32, low32, shl } from "../vocabulary.ts";
import { generalRegister } from "./assembly_names.ts";
import { baseName } from "./load_store_names.ts";
import { z } from "./sve_assembly.ts";
import type { AddressCode } from "./sve_gather_code.ts";
import { predicatedBase } from "./sve_memory_elements.ts";
import { laneOf } from "./sve_registers.ts";

export interface GatherMode {
  readonly name: string;
  /** Of the lanes: 2 or 3. */
  readonly size: number;
  /** Whether offsets count elements, of more than a byte, in place of bytes. */
  readonly isScaled: boolean;
  readonly addresses: (cpu: Cpu, fields: Fields, msz: number) => (lane: number) => bigint;
  readonly code: AddressCode;
  readonly text: (fields: Fields, msz: number) => string;
}

const modifier = (name: string, amount: number) => amount ? `, ${name} #${amount}` : "";

/** Words, as `xs` says zero- or sign-extended. */
const ofWords = (size: number, isScaled: boolean): GatherMode => ({
  name: `scalar plus ${size === 2 ? "32-bit" : "unpacked 32-bit"} ${
    isScaled ? "scaled" : "unscaled"
  } offsets`,
  size,
  isScaled,
  addresses(cpu, f, msz) {
    const base = predicatedBase(cpu, f, size), shift = isScaled ? BigInt(msz) : 0n;
    const extend = f.xs ? BigInt.asIntN : BigInt.asUintN;
    return (lane) => base + (extend(32, laneOf(cpu, f.Zm!, size, lane)) << shift);
  },
  code: {
    vector: "Zm",
    operands: { Rn: orSp("Rn") },
    forms: ["xs", "isSp"],
    address: (t, lane, msz, { xs }) =>
      add(t.x("Rn"), shl((xs ? extend32 : low32)(lane), const64(isScaled ? msz : 0))),
  },
  text(f, msz) {
    const name = f.xs ? "sxtw" : "uxtw";
    return `[${baseName(f)}, ${z(f.Zm!, size)}${modifier(name, isScaled ? msz : 0) || `, ${name}`}]`;
  },
});

const ofDoublewords = (isScaled: boolean): GatherMode => ({
  name: `scalar plus 64-bit ${isScaled ? "scaled" : "unscaled"} offsets`,
  size: 3,
  isScaled,
  addresses(cpu, f, msz) {
    const base = predicatedBase(cpu, f, 3), shift = isScaled ? BigInt(msz) : 0n;
    return (lane) => base + (laneOf(cpu, f.Zm!, 3, lane) << shift);
  },
  code: {
    vector: "Zm",
    operands: { Rn: orSp("Rn") },
    forms: ["isSp"],
    address: (t, lane, msz) => add(t.x("Rn"), shl(lane, const64(isScaled ? msz : 0))),
  },
  text: (f, msz) => `[${baseName(f)}, ${z(f.Zm!, 3)}${modifier("lsl", isScaled ? msz : 0)}]`,
});

/** Zn's lanes are the bases; the offset is in elements. */
const ofBases = (size: number): GatherMode => ({
  name: `vector plus immediate, ${"BHSD"[size]}`,
  size,
  isScaled: false,
  addresses: (cpu, f, msz) => (lane) => laneOf(cpu, f.Zn!, size, lane) + BigInt(f.imm5! << msz),
  code: {
    vector: "Zn",
    operands: {},
    forms: [],
    immediate: ({ imm5 }, msz) => imm5! << msz,
    address: (t, lane) => add(lane, t.immediate()),
  },
  text: (f, msz) => `[${z(f.Zn!, size)}${f.imm5 ? `, #${f.imm5 << msz}` : ""}]`,
});

/** The same, with a general register's offset in bytes. */
const ofBasesAndScalar = (size: number): GatherMode => ({
  name: `vector plus scalar, ${"BHSD"[size]}`,
  size,
  isScaled: false,
  addresses(cpu, f) {
    const offset = cpu.readX(f.Rm!);
    return (lane) => laneOf(cpu, f.Zn!, size, lane) + offset;
  },
  code: {
    vector: "Zn",
    operands: { Rm: read("Rm") },
    forms: [],
    address: (t, lane) => add(lane, t.x("Rm")),
  },
  text: (f) => `[${z(f.Zn!, size)}, ${generalRegister(f.Rm!, 1)}]`,
});

export const words = { unscaled: ofWords(2, false), scaled: ofWords(2, true) };
export const unpackedWords = { unscaled: ofWords(3, false), scaled: ofWords(3, true) };
export const doublewords = { unscaled: ofDoublewords(false), scaled: ofDoublewords(true) };
export const bases = { words: ofBases(2), doublewords: ofBases(3) };
export const basesAndScalar = { words: ofBasesAndScalar(2), doublewords: ofBasesAndScalar(3) };
