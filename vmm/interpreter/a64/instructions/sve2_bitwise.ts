// Arithmetic of bits and of polynomials over them (Arm DDI 0487, "SVE encodings", "SVE2 Bitwise Ternary", "SVE2
// Bitwise Exclusive-Or Interleaved", "SVE2 Bitwise Permute", and PMUL, PMULLB, PMULLT).

import { pmull64 } from "../crypto/polynomial.ts";
import type { Definition } from "../definition.ts";
import { andBits, andNot, bindQ, notBits, shlLanes, shrSLanes, xorBits } from "../simd_vocabulary.ts";
import { const32, type V128 } from "../vocabulary.ts";
import { wordIndex, words } from "./crypto_words.ts";
import { bitselect, zeroQ } from "./load_store_lanes.ts";
import { hasSizes, sve2, sveBitPermute, svePolynomial128, z, zNames } from "./sve_assembly.ts";
import { type OfTwo, ofTwo } from "./sve_lane_operations.ts";
import { inLanes, swapped } from "./sve_lanes.ts";
import { widened } from "./sve_narrow_lanes.ts";
import { quadwords } from "./sve_quadwords.ts";
import { vectorLength } from "./sve_registers.ts";

const all = [0, 1, 2, 3];

type Ternary = (n: V128, m: V128, k: V128) => V128;

const ternary = (name: string, opcode: string, o2: 0 | 1, compute: Ternary): Definition =>
  sve2(name, `00000100 ${opcode} 1 Zm:5 00111${o2} Zk:5 Zdn:5`, {
    assembly: (f) => `${name.toLowerCase()} ${zNames(f, 3, "Zdn", "Zdn", "Zm", "Zk")}`,
    ...quadwords(
      { operands: ["Zdn", "Zm", "Zk"], sizes: 3 },
      (_, of) => compute(of("Zdn"), of("Zm"), of("Zk")),
    ),
  });

/** A lane of Zn and its neighbour in Zm, to every second lane. */
const interleaved = (name: string, isOdd: 0 | 1): Definition =>
  sve2(name, `01000101 size:2 0 Zm:5 10010 ${isOdd} Zn:5 Zd:5`, {
    assembly: (f) => `${name.toLowerCase()} ${zNames(f, f.size!, "Zd", "Zn", "Zm")}`,
    ...quadwords(
      { operands: ["Zd", "Zn", "Zm"], sizes: all },
      (size, of) => inLanes(size, isOdd, xorBits(of("Zn"), swapped(size, of("Zm"))), of("Zd")),
    ),
  });

/** All ones where that bit is set. */
const bitMask = (size: number, value: V128, bit: number) => {
  const last = (8 << size) - 1;
  return shrSLanes(size, shlLanes(size, value, const32(last - bit)), const32(last));
};

/** The sum without carries of one factor shifted by each bit that the other, of so many bits, has. */
const polynomialProduct = (size: number, n: V128, m: V128, bits: number): V128 =>
  bindQ(n, (a) =>
    bindQ(m, (b) => {
      let sum = zeroQ;
      for (let bit = 0; bit < bits; bit++) {
        sum = xorBits(sum, andBits(shlLanes(size, a, const32(bit)), bitMask(size, b, bit)));
      }
      return sum;
    }));

const PMUL = sve2("PMUL", "00000100 00 1 Zm:5 011001 Zn:5 Zd:5", {
  assembly: (f) => `pmul ${zNames(f, 0, "Zd", "Zn", "Zm")}`,
  ...quadwords(
    { operands: ["Zd", "Zn", "Zm"], sizes: 0 },
    (size, of) => polynomialProduct(size, of("Zn"), of("Zm"), 8),
  ),
});

const longProduct = (T: 0 | 1): Definition[] => {
  const name = `PMULL${"BT"[T]}`, opcode = `01101${T}`, wide = [1, 3];
  const assembly = (d: number, n: number): Definition["assembly"] => (f) =>
    `${name.toLowerCase()} ${z(f.Zd!, d)}, ${zNames(f, n, "Zn", "Zm")}`;
  return [
    sve2(name, `01000101 size:2 0 Zm:5 ${opcode} Zn:5 Zd:5`, {
      valid: hasSizes(...wide),
      assembly: (f) => assembly(f.size!, f.size! - 1)(f),
      ...quadwords({ operands: ["Zd", "Zn", "Zm"], sizes: wide }, (size, of) => {
        const part = (operand: string) => widened(size, of(operand), false, T);
        return polynomialProduct(size, part("Zn"), part("Zm"), 4 << size);
      }),
    }),
    sve2(`${name} (128 bits)`, `01000101 00 0 Zm:5 ${opcode} Zn:5 Zd:5`, {
      needs: svePolynomial128,
      assembly: assembly(4, 3),
      run(cpu, { Zd, Zn, Zm }) {
        const v = words(cpu);
        for (let quadword = 0; quadword < vectorLength(cpu) / 4; quadword += 4) {
          const from = quadword + 2 * T;
          pmull64(v, wordIndex(Zd!) + quadword, wordIndex(Zn!) + from, wordIndex(Zm!) + from);
        }
      },
    }),
  ];
};

/** The bits of a number whose places the mask's ones are, one after another from the lowest. */
function gathered(value: bigint, mask: bigint): bigint {
  let result = 0n, at = 0n;
  for (let rest = mask, bit = 0n; rest; rest >>= 1n, bit++) {
    if (rest & 1n) result |= (value >> bit & 1n) << at++;
  }
  return result;
}

/** The other way: the lowest bits to the places. */
function scattered(value: bigint, mask: bigint): bigint {
  let result = 0n, from = value;
  for (let rest = mask, bit = 0n; rest; rest >>= 1n, bit++) {
    if (!(rest & 1n)) continue;
    result |= (from & 1n) << bit;
    from >>= 1n;
  }
  return result;
}

const ones = (value: bigint) => BigInt(value.toString(2).replaceAll("0", "").length);

/** The bits in the mask's places, and above them the others. */
const grouped: OfTwo = (value, mask, bits) => {
  const others = BigInt.asUintN(bits, ~mask);
  return gathered(value, mask) | gathered(value, others) << ones(mask);
};

const permute = (name: string, opcode: string, compute: OfTwo): Definition =>
  sve2(name, `01000101 size:2 0 Zm:5 1011 ${opcode} Zn:5 Zd:5`, {
    needs: sveBitPermute,
    assembly: (f) => `${name.toLowerCase()} ${zNames(f, f.size!, "Zd", "Zn", "Zm")}`,
    run: ofTwo(compute),
  });

export const sve2Bitwise: readonly Definition[] = [
  ternary("EOR3", "00", 0, (n, m, k) => xorBits(xorBits(n, m), k)),
  ternary("BCAX", "01", 0, (n, m, k) => xorBits(n, andNot(m, k))),
  ternary("BSL", "00", 1, bitselect),
  ternary("BSL1N", "01", 1, (n, m, k) => bitselect(notBits(n), m, k)),
  ternary("BSL2N", "10", 1, (n, m, k) => bitselect(n, notBits(m), k)),
  ternary("NBSL", "11", 1, (n, m, k) => notBits(bitselect(n, m, k))),
  interleaved("EORBT", 0),
  interleaved("EORTB", 1),
  PMUL,
  ...longProduct(0),
  ...longProduct(1),
  permute("BEXT", "00", gathered),
  permute("BDEP", "01", scattered),
  permute("BGRP", "10", grouped),
];
