// Every cryptographic instruction against QEMU's: the same random registers, the result compared bit for bit.

import { assertEquals } from "@std/assert";
import { seededRandom } from "../../../../devices/random.ts";
import * as aes from "../../../../../vmm/interpreter/a64/crypto/aes.ts";
import { crc32, crc32c } from "../../../../../vmm/interpreter/a64/crypto/crc32.ts";
import * as polynomial from "../../../../../vmm/interpreter/a64/crypto/polynomial.ts";
import * as sha1 from "../../../../../vmm/interpreter/a64/crypto/sha1.ts";
import * as sha256 from "../../../../../vmm/interpreter/a64/crypto/sha256.ts";
import * as sha3 from "../../../../../vmm/interpreter/a64/crypto/sha3.ts";
import * as sha512 from "../../../../../vmm/interpreter/a64/crypto/sha512.ts";
import * as sm3 from "../../../../../vmm/interpreter/a64/crypto/sm3.ts";
import * as sm4 from "../../../../../vmm/interpreter/a64/crypto/sm4.ts";
import { caseCount } from "../oracle/case_count.ts";
import { askOracle, testWithOracle } from "./oracle.ts";

/** Cases for each instruction. */
const CASES = caseCount(50);

type Instruction = (v: Uint32Array, d: number, n: number, m: number, a: number) => void;

function withImmediate(instruction: Instruction, immediate: number): Instruction {
  return (v, d, n, m) => instruction(v, d, n, m, immediate);
}

function crc(update: typeof crc32, bytes: number): Instruction {
  return (v, d, n) => {
    v[d] = update(v[d]!, v[n]!, v[n + 1]!, bytes);
    v.fill(0, d + 1, d + 4);
  };
}

const instructions: Record<string, Instruction> = {
  ...aes,
  ...polynomial,
  ...sha1,
  ...sha256,
  ...sha512,
  eor3: sha3.eor3,
  bcax: sha3.bcax,
  rax1: sha3.rax1,
  xar_0: withImmediate(sha3.xar, 0),
  xar_1: withImmediate(sha3.xar, 1),
  xar_32: withImmediate(sha3.xar, 32),
  xar_45: withImmediate(sha3.xar, 45),
  sm3ss1: sm3.sm3ss1,
  sm3tt1a_0: withImmediate(sm3.sm3tt1a, 0),
  sm3tt1a_3: withImmediate(sm3.sm3tt1a, 3),
  sm3tt1b_1: withImmediate(sm3.sm3tt1b, 1),
  sm3tt2a_2: withImmediate(sm3.sm3tt2a, 2),
  sm3tt2b_3: withImmediate(sm3.sm3tt2b, 3),
  sm3partw1: sm3.sm3partw1,
  sm3partw2: sm3.sm3partw2,
  ...sm4,
  crc32b: crc(crc32, 1),
  crc32h: crc(crc32, 2),
  crc32w: crc(crc32, 4),
  crc32x: crc(crc32, 8),
  crc32cb: crc(crc32c, 1),
  crc32ch: crc(crc32c, 2),
  crc32cw: crc(crc32c, 4),
  crc32cx: crc(crc32c, 8),
};

testWithOracle("cryptographic instructions give what QEMU's give for random registers", async () => {
  const names = Object.keys(instructions);
  const random = seededRandom(20);
  const registers = Uint32Array.from({ length: names.length * CASES * 16 }, () => random.word());
  const theirs = new Uint32Array(
    (await askOracle(names, CASES, new Uint8Array(registers.buffer.slice(0)))).slice().buffer,
  );
  assertEquals(theirs.length, names.length * CASES * 4);
  const differing = new Set<string>();
  names.forEach((name, at) => {
    for (let number = at * CASES; number < (at + 1) * CASES; number++) {
      const d = number * 16;
      instructions[name]!(registers, d, d + 4, d + 8, d + 12);
      for (let word = 0; word < 4; word++) {
        if (registers[d + word] !== theirs[number * 4 + word]) differing.add(name);
      }
    }
  });
  assertEquals([...differing], []);
});

Deno.test("a cryptographic instruction may name one register several times", () => {
  const random = seededRandom(21);
  for (const [name, instruction] of Object.entries(instructions)) {
    const apart = new Uint32Array(16);
    const same = Uint32Array.from({ length: 4 }, () => random.word());
    for (let at = 0; at < 16; at += 4) apart.set(same, at);
    instruction(apart, 0, 4, 8, 12);
    instruction(same, 0, 0, 0, 0);
    assertEquals(same, apart.subarray(0, 4), name);
  }
});
