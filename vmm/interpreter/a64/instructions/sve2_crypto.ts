// Arm DDI 0487, "SVE encodings", "SVE2 Crypto Extensions": AES, SM4 and SHA3's RAX1, on every quadword.

import { aesd, aese, aesimc, aesmc } from "../crypto/aes.ts";
import { sm4e, sm4ekey } from "../crypto/sm4.ts";
import type { Definition, Need } from "../definition.ts";
import { xorBits } from "../simd_vocabulary.ts";
import { const32 } from "../vocabulary.ts";
import { wordIndex, words } from "./crypto_words.ts";
import { type Run, sve2, sveAes, sveSha3, sveSm4, zNames } from "./sve_assembly.ts";
import { rotatedRight } from "./sve_lanes.ts";
import { quadwords } from "./sve_quadwords.ts";
import { vectorLength } from "./sve_registers.ts";

/** Of the words of the registers in these fields, the result's first. */
type Operate = (v: Uint32Array, d: number, ...operands: number[]) => void;

const overQuadwords = (operate: Operate, names: readonly string[]): Run => (cpu, f) => {
  const v = words(cpu), end = vectorLength(cpu) / 4;
  const [d = 0, ...operands] = names.map((name) => wordIndex(f[name]!));
  for (let at = 0; at < end; at += 4) operate(v, d + at, ...operands.map((operand) => operand + at));
};

const definition = (
  name: string,
  encoding: string,
  needs: Need,
  size: number,
  names: readonly string[],
  operate: Operate,
): Definition =>
  sve2(name, `01000101 00 1 ${encoding}`, {
    needs,
    assembly: (f) => {
      const all = names[0] === "Zdn" ? ["Zdn", ...names] : names;
      return `${name.toLowerCase()} ${zNames(f, size, ...all)}`;
    },
    run: overQuadwords(operate, names),
  });

const RAX1 = sve2("RAX1", "01000101 00 1 Zm:5 111101 Zn:5 Zd:5", {
  needs: sveSha3,
  assembly: (f) => `rax1 ${zNames(f, 3, "Zd", "Zn", "Zm")}`,
  ...quadwords(
    { operands: ["Zd", "Zn", "Zm"], sizes: 3 },
    (size, of) => xorBits(of("Zn"), rotatedRight(size, of("Zm"), const32(63))),
  ),
});

export const sve2Crypto: readonly Definition[] = [
  definition("AESMC", "00000 111000 00000 Zdn:5", sveAes, 0, ["Zdn"], (v, d) => aesmc(v, d, d)),
  definition("AESIMC", "00000 111001 00000 Zdn:5", sveAes, 0, ["Zdn"], (v, d) => aesimc(v, d, d)),
  definition("AESE", "00010 111000 Zm:5 Zdn:5", sveAes, 0, ["Zdn", "Zm"], aese),
  definition("AESD", "00010 111001 Zm:5 Zdn:5", sveAes, 0, ["Zdn", "Zm"], aesd),
  definition("SM4E", "00011 111000 Zm:5 Zdn:5", sveSm4, 2, ["Zdn", "Zm"], sm4e),
  definition("SM4EKEY", "Zm:5 111100 Zn:5 Zd:5", sveSm4, 2, ["Zd", "Zn", "Zm"], sm4ekey),
  RAX1,
];
