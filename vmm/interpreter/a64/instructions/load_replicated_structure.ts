// LD1R to LD4R of "Advanced SIMD load/store single structure" (Arm DDI 0487, "Loads and Stores"): a structure,
// each element to all lanes of its register.

import type { AccessSize, Cpu } from "../cpu.ts";
import { type Fields, instruction } from "../definition.ts";
import { arrangement } from "../simd_assembly.ts";
import { writeLanes } from "../simd_lanes.ts";
import { keepLow, splatBits } from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import { type I64, sequence } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { bindAll64, loads } from "./load_store_single_structure.ts";
import {
  type Count,
  counts,
  isPostIndexValid,
  listMeaning,
  listName,
  type PostIndex,
  postIndexes,
  structureAddress,
} from "./structure_registers.ts";

const bytesOf = ({ size = 0 }: Fields) => 2 ** size as AccessSize;

/** Bytes of each register that are not zero. */
const widthOf = ({ Q }: Fields) => Q ? 16 : 8;

function load(t: Target, form: Fields, count: Count, address: I64): Statement {
  const bytes = bytesOf(form);
  return bindAll64(
    loads(t, count, bytes, address),
    (loaded) =>
      sequence(
        ...loaded.map((value, n) => t.setQ(`V${n}`, keepLow(widthOf(form), splatBits(form.size!, value)))),
      ),
  );
}

function run(cpu: Cpu, fields: Fields, count: Count, address: bigint) {
  const bytes = bytesOf(fields);
  const loaded = Array.from({ length: count }, (_, n) => cpu.read(address + BigInt(n * bytes), bytes));
  const lanes = widthOf(fields) / bytes;
  loaded.forEach((value, n) =>
    writeLanes(cpu, (fields.Rt! + n) % 32, 8 * bytes, new Array<bigint>(lanes).fill(value))
  );
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
        `ld${count}r ${listName(f, count, arrangement(f.size!, f.Q!))}, ` +
        structureAddress(post, f, size(f)),
    },
  );
}

export const loadReplicatedStructure = counts.flatMap((count) =>
  postIndexes.map((post) => replicated(count, post))
);
