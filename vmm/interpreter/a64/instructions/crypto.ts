// The cryptographic instructions (Arm DDI 0487, "Data Processing -- Scalar Floating-Point and Advanced SIMD",
// "Cryptographic AES" to "Cryptographic four-register"): AES, SHA-1, SHA-2, SHA-3, SM3 and SM4.

import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, instruction, type Need } from "../definition.ts";
import { aesd, aese, aesimc, aesmc } from "../crypto/aes.ts";
import { sha1c, sha1h, sha1m, sha1p, sha1su0, sha1su1 } from "../crypto/sha1.ts";
import { sha256h, sha256h2, sha256su0, sha256su1 } from "../crypto/sha256.ts";
import { bcax, eor3, rax1, xar } from "../crypto/sha3.ts";
import { sha512h, sha512h2, sha512su0, sha512su1 } from "../crypto/sha512.ts";
import { sm3partw1, sm3partw2, sm3ss1, sm3tt1a, sm3tt1b, sm3tt2a, sm3tt2b } from "../crypto/sm3.ts";
import { sm4e, sm4ekey } from "../crypto/sm4.ts";
import { clearAbove } from "../simd_lanes.ts";
import { wordIndex, words } from "./crypto_words.ts";

type Compute = (v: Uint32Array, d: number, n: number, m: number, last: number) => void;

const feature = (shift: number, least = 1): Need => ["ID_AA64ISAR0_EL1", shift, least];
const needs = {
  aes: feature(4),
  sha1: feature(8),
  sha2: feature(12),
  sha512: feature(12, 2),
  sha3: feature(32),
  sm3: feature(36),
  sm4: feature(40),
};

/** Registers as binutils writes them: of Rd, Rn, Rm and Ra, "v0.4s" for "v.4s" and "q0" for "q". */
function operandText(shape: string, n: number): string {
  const [letter, arrangement] = shape.split(".");
  return arrangement ? `${letter}${n}.${arrangement}` : `${letter}${n}`;
}

function assembly(name: string, shapes: readonly string[]) {
  return (f: Fields) => {
    const numbers = [f.Rd!, f.Rn!, f.Rm, f.Ra];
    const registers = shapes.map((shape, index) => operandText(shape, numbers[index]!));
    const imm6 = f.imm6 === undefined ? "" : `, #${f.imm6}`;
    const imm2 = f.imm2 === undefined ? "" : `[${f.imm2}]`;
    return `${name.toLowerCase()} ${registers.join(", ")}${imm2}${imm6}`;
  };
}

/** The last operand is Ra or an immediate. */
const run = (compute: Compute) => (cpu: Cpu, { Rd, Rn, Rm = 0, Ra, imm2 = 0, imm6 = imm2 }: Fields) => {
  const last = Ra === undefined ? imm6 : wordIndex(Ra);
  compute(words(cpu), wordIndex(Rd!), wordIndex(Rn!), wordIndex(Rm), last);
  clearAbove(cpu, Rd!, 16);
};

type Row = readonly [name: string, opcode: string, need: Need, shapes: string, compute: Compute];

/** @param encoding in which `opcode` stands for the row's own bits */
const definitions = (encoding: string, rows: readonly Row[]): readonly Definition[] =>
  rows.map(([name, opcode, need, shapes, compute]) =>
    instruction(name, encoding.replace("opcode", opcode), {
      uses: "fp",
      needs: need,
      assembly: assembly(name, shapes.split(" ")),
      run: run(compute),
    })
  );

const aesInstructions = definitions("01001110 00 10100 opcode 10 Rn:5 Rd:5", [
  ["AESE", "00100", needs.aes, "v.16b v.16b", aese],
  ["AESD", "00101", needs.aes, "v.16b v.16b", aesd],
  ["AESMC", "00110", needs.aes, "v.16b v.16b", aesmc],
  ["AESIMC", "00111", needs.aes, "v.16b v.16b", aesimc],
]);

const threeRegisterSha = definitions("01011110 00 0 Rm:5 0 opcode 00 Rn:5 Rd:5", [
  ["SHA1C", "000", needs.sha1, "q s v.4s", sha1c],
  ["SHA1P", "001", needs.sha1, "q s v.4s", sha1p],
  ["SHA1M", "010", needs.sha1, "q s v.4s", sha1m],
  ["SHA1SU0", "011", needs.sha1, "v.4s v.4s v.4s", sha1su0],
  ["SHA256H", "100", needs.sha2, "q q v.4s", sha256h],
  ["SHA256H2", "101", needs.sha2, "q q v.4s", sha256h2],
  ["SHA256SU1", "110", needs.sha2, "v.4s v.4s v.4s", sha256su1],
]);

const twoRegisterSha = definitions("01011110 00 10100 opcode 10 Rn:5 Rd:5", [
  ["SHA1H", "00000", needs.sha1, "s s", sha1h],
  ["SHA1SU1", "00001", needs.sha1, "v.4s v.4s", sha1su1],
  ["SHA256SU0", "00010", needs.sha2, "v.4s v.4s", sha256su0],
]);

const threeRegisterSha512 = definitions("11001110 011 Rm:5 1 opcode Rn:5 Rd:5", [
  ["SHA512H", "00000", needs.sha512, "q q v.2d", sha512h],
  ["SHA512H2", "00001", needs.sha512, "q q v.2d", sha512h2],
  ["SHA512SU1", "00010", needs.sha512, "v.2d v.2d v.2d", sha512su1],
  ["RAX1", "00011", needs.sha3, "v.2d v.2d v.2d", rax1],
  ["SM3PARTW1", "10000", needs.sm3, "v.4s v.4s v.4s", sm3partw1],
  ["SM3PARTW2", "10001", needs.sm3, "v.4s v.4s v.4s", sm3partw2],
  ["SM4EKEY", "10010", needs.sm4, "v.4s v.4s v.4s", sm4ekey],
]);

const twoRegisterSha512 = definitions("11001110 11000000 1000 opcode Rn:5 Rd:5", [
  ["SHA512SU0", "00", needs.sha512, "v.2d v.2d", sha512su0],
  ["SM4E", "01", needs.sm4, "v.4s v.4s", sm4e],
]);

const fourRegister = definitions("11001110 0 opcode Rm:5 0 Ra:5 Rn:5 Rd:5", [
  ["EOR3", "00", needs.sha3, "v.16b v.16b v.16b v.16b", eor3],
  ["BCAX", "01", needs.sha3, "v.16b v.16b v.16b v.16b", bcax],
  ["SM3SS1", "10", needs.sm3, "v.4s v.4s v.4s v.4s", sm3ss1],
]);

const withImmediate = definitions("11001110 opcode Rn:5 Rd:5", [
  ["XAR", "100 Rm:5 imm6:6", needs.sha3, "v.2d v.2d v.2d", xar],
  ["SM3TT1A", "010 Rm:5 10 imm2:2 00", needs.sm3, "v.4s v.4s v.s", sm3tt1a],
  ["SM3TT1B", "010 Rm:5 10 imm2:2 01", needs.sm3, "v.4s v.4s v.s", sm3tt1b],
  ["SM3TT2A", "010 Rm:5 10 imm2:2 10", needs.sm3, "v.4s v.4s v.s", sm3tt2a],
  ["SM3TT2B", "010 Rm:5 10 imm2:2 11", needs.sm3, "v.4s v.4s v.s", sm3tt2b],
]);

export const cryptoInstructions: readonly Definition[] = [
  ...aesInstructions,
  ...threeRegisterSha,
  ...twoRegisterSha,
  ...threeRegisterSha512,
  ...twoRegisterSha512,
  ...fourRegister,
  ...withImmediate,
];
