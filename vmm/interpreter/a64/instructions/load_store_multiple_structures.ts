// "Advanced SIMD load/store multiple structures" (Arm DDI 0487, "Loads and Stores"): LD1 to LD4 and ST1 to ST4 of
// whole registers, in which LD2 and up deal the elements out to the registers in turn.

import type { AccessSize, Cpu } from "../cpu.ts";
import { vectorBytes } from "../cpu_layout.ts";
import { type Fields, instruction } from "../definition.ts";
import { arrangement } from "../simd_assembly.ts";
import { clearAbove } from "../simd_lanes.ts";
import { bindQ, pick } from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import { add, const64, type I64, sequence, type V128 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { fromLow, low } from "./load_store_lanes.ts";
import {
  type Count,
  isPostIndexValid,
  type ListAccess,
  listMeaning,
  listName,
  type PostIndex,
  postIndexes,
  structureAddress,
} from "./structure_registers.ts";

interface Structures {
  /** Bits of the encoding. */
  readonly opcode: string;
  readonly registers: Count;
  /** Elements of a structure: 1, or as many as there are registers. */
  readonly elements: Count;
}

const everyStructure: readonly Structures[] = [
  { opcode: "0111", registers: 1, elements: 1 },
  { opcode: "1010", registers: 2, elements: 1 },
  { opcode: "0110", registers: 3, elements: 1 },
  { opcode: "0010", registers: 4, elements: 1 },
  { opcode: "1000", registers: 2, elements: 2 },
  { opcode: "0100", registers: 3, elements: 3 },
  { opcode: "0000", registers: 4, elements: 4 },
];

/** Bytes of each register that take part. */
const widthOf = ({ Q }: Fields) => Q ? 16 : 8;

/** Where a byte comes from: which vector, and which of its bytes. */
type Source = readonly [vector: number, byte: number];

/** A vector of bytes out of several. */
function gather(vectors: readonly V128[], sources: readonly Source[]): V128 {
  const [first, ...others] = vectors;
  return others.reduce((sum, next, index) => {
    const number = (at: number) => {
      const [vector, byte] = sources[at]!;
      if (vector === index + 1) return 16 + byte;
      return index === 0 ? byte : at;
    };
    return pick(sum, next, number);
  }, first!);
}

/** Bytes above `width` are those of the first vector, which has zeroes there. */
const sourcesOf = (width: number, source: (byte: number) => Source): readonly Source[] =>
  Array.from({ length: 16 }, (_, byte) => byte < width ? source(byte) : [0, byte]);

/** Of register `register`, out of the memory in pieces of `width` bytes. */
function dealt(register: number, elements: number, bytes: number, width: number): readonly Source[] {
  return sourcesOf(width, (byte) => {
    const at = (Math.floor(byte / bytes) * elements + register) * bytes + byte % bytes;
    return [Math.floor(at / width), at % width];
  });
}

/** Of the memory's piece `piece`, out of the registers. */
function collected(piece: number, elements: number, bytes: number, width: number): readonly Source[] {
  return sourcesOf(width, (byte) => {
    const at = piece * width + byte;
    const element = Math.floor(at / bytes);
    return [element % elements, Math.floor(element / elements) * bytes + at % bytes];
  });
}

const range = (count: number) => Array.from({ length: count }, (_, n) => n);

/** Computes all values, then uses them. */
function bindAll(values: readonly V128[], use: (once: readonly V128[]) => Statement): Statement {
  const from = (index: number, bound: readonly V128[]): Statement =>
    index === values.length
      ? use(bound)
      : bindQ(values[index]!, (value) => from(index + 1, [...bound, value]));
  return from(0, []);
}

const bytesOf = ({ size = 0 }: Fields) => 2 ** size as AccessSize;

function load(t: Target, form: Fields, { registers, elements }: Structures, address: I64): Statement {
  const width = widthOf(form);
  const pieces = range(registers).map((n) => {
    const at = add(address, const64(n * width));
    return width === 16 ? t.loadQ(at) : fromLow(t.load(8, at));
  });
  return bindAll(pieces, (loaded) =>
    sequence(
      ...range(registers).map((n) => {
        const value = elements === 1 ? loaded[n]! : gather(loaded, dealt(n, elements, bytesOf(form), width));
        return t.setQ(`V${n}`, value);
      }),
    ));
}

function store(t: Target, form: Fields, { registers, elements }: Structures, address: I64): Statement {
  const width = widthOf(form);
  const list = range(registers).map((n) => t.q(`V${n}`));
  return sequence(
    ...range(registers).map((n) => {
      const value = elements === 1 ? list[n]! : gather(list, collected(n, elements, bytesOf(form), width));
      const at = add(address, const64(n * width));
      return width === 16 ? t.storeQ(at, value) : t.store(8, at, low(value));
    }),
  );
}

/** Of each byte of the structures, in the memory's order, its place in the vector registers. */
function placesOf(fields: Fields, { registers, elements }: Structures): number[] {
  const width = widthOf(fields), bytes = elements === 1 ? width : bytesOf(fields);
  return range(registers * width).map((at) => {
    const element = Math.floor(at / bytes);
    const register = (fields.Rt! + element % registers) % 32;
    return register * vectorBytes + Math.floor(element / registers) * bytes + at % bytes;
  });
}

function run(cpu: Cpu, fields: Fields, structures: Structures, isStore: boolean, address: bigint) {
  const places = placesOf(fields, structures);
  if (isStore) {
    return places.forEach((place, at) => cpu.write(address + BigInt(at), 1, BigInt(cpu.v[place]!)));
  }
  const loaded = places.map((_, at) => Number(cpu.read(address + BigInt(at), 1)));
  for (const n of range(structures.registers)) clearAbove(cpu, (fields.Rt! + n) % 32, 0);
  places.forEach((place, at) => cpu.v[place] = loaded[at]!);
}

function definitionOf(structures: Structures, isStore: boolean, post: PostIndex) {
  const { opcode, registers, elements } = structures;
  const mnemonic = `${isStore ? "st" : "ld"}${elements}`;
  const size = (f: Fields) => registers * widthOf(f);
  const access: ListAccess = {
    size,
    emit: (t, form, address) => (isStore ? store : load)(t, form, structures, address),
    run: (cpu, fields, address) => run(cpu, fields, structures, isStore, address),
  };
  return instruction(
    `${mnemonic.toUpperCase()} (multiple structures, ${registers} registers, ${post.name})`,
    `0 Q:1 0011 00 ${post.bit} ${isStore ? 0 : 1} 0 ${post.Rm} ${opcode} size:2 Rn:5 Rt:5`,
    {
      ...listMeaning(registers, post, access),
      forms: elements === 1 ? ["Q", "isSp"] : ["size", "Q", "isSp"],
      uses: "fp",
      valid: (f) => isPostIndexValid(post, f) && (elements === 1 || f.size !== 3 || f.Q === 1),
      assembly: (f) =>
        `${mnemonic} ${listName(f, registers, arrangement(f.size!, f.Q!))}, ${
          structureAddress(post, f, size(f))
        }`,
    },
  );
}

export const loadStoreMultipleStructures = everyStructure.flatMap((structures) =>
  [true, false].flatMap((isStore) => postIndexes.map((post) => definitionOf(structures, isStore, post)))
);
