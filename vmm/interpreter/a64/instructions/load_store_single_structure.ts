// "Advanced SIMD load/store single structure" (Arm DDI 0487, "Loads and Stores"): LD1 to LD4 and ST1 to ST4 of one
// lane.

import type { AccessSize, Cpu } from "../cpu.ts";
import { type Fields, instruction } from "../definition.ts";
import { clearAbove, putLanes, readLane } from "../simd_lanes.ts";
import type { Target } from "../target.ts";
import {
  add,
  bind64,
  const64,
  geU,
  type I64,
  select,
  sequence,
  shl,
  shrU,
  type V128,
} from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { bitselect, bothHalves, fromHalves, high, low } from "./load_store_lanes.ts";
import {
  type Count,
  counts,
  isPostIndexValid,
  type ListAccess,
  listMeaning,
  listName,
  type PostIndex,
  postIndexes,
  structureAddress,
} from "./structure_registers.ts";

interface Lane {
  readonly bytes: AccessSize;
  /** Bits of the encoding: opcode but for its lowest, then S and size. */
  readonly opcode: string;
  readonly rest: string;
  readonly letter: string;
  readonly index: (fields: Fields) => number;
}

const lanes: readonly Lane[] = [
  {
    bytes: 1,
    opcode: "00",
    rest: "S:1 size:2",
    letter: "b",
    index: ({ Q, S, size }) => Q! << 3 | S! << 2 | size!,
  },
  {
    bytes: 2,
    opcode: "01",
    rest: "S:1 size1:1 0",
    letter: "h",
    index: ({ Q, S, size1 }) => Q! << 2 | S! << 1 | size1!,
  },
  { bytes: 4, opcode: "10", rest: "S:1 00", letter: "s", index: ({ Q, S }) => Q! << 1 | S! },
  { bytes: 8, opcode: "10", rest: "0 01", letter: "d", index: ({ Q }) => Q! },
];

/** Bytes of a V register. */
const quadword = 16;

/** Code: of the vector, 64 bits from a bit whose lane does not cross its middle; those above the lane are any. */
function laneOf(vector: V128, bit: I64): I64 {
  return shrU(select(geU(bit, const64(64)), high(vector), low(vector)), bit);
}

function withLane(vector: V128, bytes: AccessSize, bit: I64, value: I64): V128 {
  const ones = shl(const64((1n << BigInt(8 * bytes)) - 1n), bit);
  const isHigh = geU(bit, const64(64));
  const mask = fromHalves(select(isHigh, const64(0), ones), select(isHigh, ones, const64(0)));
  return bitselect(bothHalves(shl(value, bit)), vector, mask);
}

const range = (count: number) => Array.from({ length: count }, (_, n) => n);

/** Computes all values, then uses them. */
export function bindAll64(values: readonly I64[], use: (once: readonly I64[]) => Statement): Statement {
  const from = (index: number, bound: readonly I64[]): Statement =>
    index === values.length
      ? use(bound)
      : bind64(values[index]!, (value) => from(index + 1, [...bound, value]));
  return from(0, []);
}

/** The code of the elements' loads, one after another. */
export const loads = (t: Target, count: Count, bytes: AccessSize, address: I64): I64[] =>
  range(count).map((n) => t.load(bytes, add(address, const64(n * bytes))));

function load(t: Target, count: Count, bytes: AccessSize, address: I64): Statement {
  return bindAll64(
    loads(t, count, bytes, address),
    (loaded) =>
      sequence(
        ...loaded.map((value, n) => t.setQ(`V${n}`, withLane(t.q(`V${n}`), bytes, t.immediate(), value))),
      ),
  );
}

function store(t: Target, count: Count, bytes: AccessSize, address: I64): Statement {
  return sequence(
    ...range(count).map((n) =>
      t.store(bytes, add(address, const64(n * bytes)), laneOf(t.q(`V${n}`), t.immediate()))
    ),
  );
}

const registerOf = ({ Rt }: Fields, n: number) => (Rt! + n) % 32;

function run(
  cpu: Cpu,
  fields: Fields,
  { bytes, index }: Lane,
  count: Count,
  isStore: boolean,
  address: bigint,
) {
  const at = (n: number) => address + BigInt(n * bytes), lane = index(fields), bits = 8 * bytes;
  if (isStore) {
    return range(count).forEach((n) =>
      cpu.write(at(n), bytes, readLane(cpu, registerOf(fields, n), lane, bits, false))
    );
  }
  const loaded = range(count).map((n) => cpu.read(at(n), bytes));
  loaded.forEach((value, n) => {
    putLanes(cpu, registerOf(fields, n), bits, [value], lane);
    clearAbove(cpu, registerOf(fields, n), quadword);
  });
}

function definitionOf(lane: Lane, count: Count, isStore: boolean, post: PostIndex) {
  const { bytes, opcode, rest, letter, index } = lane;
  const mnemonic = `${isStore ? "st" : "ld"}${count}`;
  const access: ListAccess = {
    size: () => count * bytes,
    emit: (t, _, address) => (isStore ? store : load)(t, count, bytes, address),
    run: (cpu, fields, address) => run(cpu, fields, lane, count, isStore, address),
  };
  const R = (count - 1) & 1, opcode0 = (count - 1) >> 1;
  return instruction(
    `${mnemonic.toUpperCase()} (single structure, ${letter.toUpperCase()}, ${post.name})`,
    `0 Q:1 0011 01 ${post.bit} ${isStore ? 0 : 1} ${R} ${post.Rm} ${opcode}${opcode0} ${rest} Rn:5 Rt:5`,
    {
      ...listMeaning(count, post, access),
      immediate: (f) => index(f) * bytes * 8,
      forms: ["isSp"],
      uses: "fp",
      valid: (f) => isPostIndexValid(post, f),
      assembly: (f) =>
        `${mnemonic} ${listName(f, count, letter)}[${index(f)}], ` + structureAddress(post, f, count * bytes),
    },
  );
}

export const loadStoreSingleStructure = lanes.flatMap((lane) =>
  counts.flatMap((count) =>
    [true, false].flatMap((isStore) => postIndexes.map((post) => definitionOf(lane, count, isStore, post)))
  )
);
