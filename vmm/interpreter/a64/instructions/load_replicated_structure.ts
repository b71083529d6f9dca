// LD1R to LD4R of "Advanced SIMD load/store single structure" (Arm DDI 0487, "Loads and Stores"): a structure,
// each element to all lanes of its register.

import type { AccessSize, Cpu } from "../cpu.ts";
import { vectorBytes } from "../cpu_layout.ts";
import { type Fields, instruction } from "../definition.ts";
import type { Target } from "../target.ts";
import { const64, type I64, mul, sequence } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { bothHalves, fromLow } from "./load_store_lanes.ts";
import { bindAll64, loads } from "./load_store_single_structure.ts";
import {
  type Count,
  counts,
  isPostIndexValid,
  laneAt,
  listMeaning,
  listName,
  type PostIndex,
  postIndexes,
  structureAddress,
} from "./structure_registers.ts";

const arrangements = ["8b", "16b", "4h", "8h", "2s", "4s", "1d", "2d"];
const bytesOf = ({ size = 0 }: Fields) => 2 ** size as AccessSize;

/** What an element is multiplied by to be in all lanes of 64 bits. */
const everyLane: Record<AccessSize, bigint> = {
  1: 0x0101010101010101n,
  2: 0x0001000100010001n,
  4: 0x0000000100000001n,
  8: 1n,
};

function load(t: Target, form: Fields, count: Count, address: I64): Statement {
  const bytes = bytesOf(form);
  return bindAll64(loads(t, count, bytes, address), (loaded) =>
    sequence(...loaded.map((value, n) => {
      const lanes = mul(value, const64(everyLane[bytes]));
      return t.setQ(`V${n}`, form.Q ? bothHalves(lanes) : fromLow(lanes));
    })));
}

function run(cpu: Cpu, fields: Fields, count: Count, address: bigint) {
  const bytes = bytesOf(fields);
  const loaded = Array.from({ length: count }, (_, n) => cpu.read(address + BigInt(n * bytes), bytes));
  loaded.forEach((value, n) => {
    const start = laneAt(fields, n, 0, bytes);
    cpu.v.fill(0, start, start + vectorBytes);
    const lanes = BigInt.asUintN(64, value * everyLane[bytes]);
    for (let at = 0; at < (fields.Q ? 16 : 8); at += 8) cpu.vectors.setBigUint64(start + at, lanes, true);
  });
}

function replicated(count: Count, post: PostIndex) {
  const size = (f: Fields) => count * bytesOf(f);
  const R = (count - 1) & 1, opcode0 = (count - 1) >> 1;
  return instruction(
    `LD${count}R (${post.name})`,
    `0 Q:1 0011 01 ${post.bit} 1 ${R} ${post.Rm} 11${opcode0} 0 size:2 Rn:5 Rt:5`,
    {
      ...listMeaning(count, post, {
        size,
        emit: (t, form, address) => load(t, form, count, address),
        run: (cpu, fields, address) => run(cpu, fields, count, address),
      }),
      forms: ["size", "Q", "isSp"],
      uses: "fp",
      valid: (f) => isPostIndexValid(post, f),
      assembly: (f) =>
        `ld${count}r ${listName(f, count, arrangements[2 * f.size! + f.Q!]!)}, ` +
        structureAddress(post, f, size(f)),
    },
  );
}

export const loadReplicatedStructure = counts.flatMap((count) =>
  postIndexes.map((post) => replicated(count, post))
);
