// Arm DDI 0487, "SVE encodings", "SVE Integer Binary Arithmetic - Predicated" and "SVE Bitwise Shift -
// Predicated" by vectors: active lanes of the first operand's register become the result.

import type { Definition } from "../definition.ts";
import { hasSizes, merging, sve, z, zNames } from "./sve_assembly.ts";
import {
  bothSigned,
  mergeLanes,
  mergeOfTwo,
  type OfTwo,
  type Signs,
  unsigned,
} from "./sve_lane_operations.ts";
import { laneOf } from "./sve_registers.ts";

interface Row {
  readonly name: string;
  /** Bits 21 to 13 of the encoding. */
  readonly opcode: string;
  readonly signs: Signs;
  readonly compute: OfTwo;
  readonly sizes?: readonly number[];
}

const max: OfTwo = (a, b) => a > b ? a : b;
const min: OfTwo = (a, b) => a < b ? a : b;
const difference: OfTwo = (a, b) => a > b ? a - b : b - a;
const highHalf: OfTwo = (a, b, bits) => a * b >> BigInt(bits);
/** By zero it is zero. */
const quotient: OfTwo = (a, b) => b === 0n ? 0n : a / b;
export const swapped = (compute: OfTwo): OfTwo => (a, b, bits) => compute(b, a, bits);

/** By the unsigned amount; what is shifted further than its width is all sign, or zero. */
export const shiftRight: OfTwo = (value, amount, bits) => value >> (amount < bits ? amount : BigInt(bits));
export const shiftLeft: OfTwo = (value, amount, bits) => amount < bits ? value << amount : 0n;

const row = (name: string, opcode: string, signs: Signs, compute: OfTwo): Row => ({
  name,
  opcode,
  signs,
  compute,
});

/** S and U before the name: of signed lanes and of unsigned ones. */
const both = (name: string, opcode: (U: string) => string, compute: OfTwo): Row[] => [
  row(`S${name}`, opcode("0"), bothSigned, compute),
  row(`U${name}`, opcode("1"), unsigned, compute),
];

const division = [2, 3];
const signedValue: Signs = { n: true }, signedAmount: Signs = { m: true };

const rows: readonly Row[] = [
  row("ADD", "000 000 000", unsigned, (a, b) => a + b),
  row("SUB", "000 001 000", unsigned, (a, b) => a - b),
  row("SUBR", "000 011 000", unsigned, (a, b) => b - a),
  ...both("MAX", (U) => `001 00${U} 000`, max),
  ...both("MIN", (U) => `001 01${U} 000`, min),
  ...both("ABD", (U) => `001 10${U} 000`, difference),
  row("MUL", "010 000 000", unsigned, (a, b) => a * b),
  ...both("MULH", (U) => `010 01${U} 000`, highHalf),
  ...both("DIV", (U) => `010 10${U} 000`, quotient).map((each) => ({ ...each, sizes: division })),
  ...both("DIVR", (U) => `010 11${U} 000`, swapped(quotient)).map((each) => ({ ...each, sizes: division })),
  row("ORR", "011 000 000", unsigned, (a, b) => a | b),
  row("EOR", "011 001 000", unsigned, (a, b) => a ^ b),
  row("AND", "011 010 000", unsigned, (a, b) => a & b),
  row("BIC", "011 011 000", unsigned, (a, b) => a & ~b),
  row("ASR", "010 000 100", signedValue, shiftRight),
  row("LSR", "010 001 100", unsigned, shiftRight),
  row("LSL", "010 011 100", unsigned, shiftLeft),
  row("ASRR", "010 100 100", signedAmount, swapped(shiftRight)),
  row("LSRR", "010 101 100", unsigned, swapped(shiftRight)),
  row("LSLR", "010 111 100", unsigned, swapped(shiftLeft)),
];

const names = (name: string) => name.toLowerCase();

const definition = ({ name, opcode, signs, compute, sizes = [0, 1, 2, 3] }: Row): Definition =>
  sve(`${name} (vectors, predicated)`, `00000100 size:2 ${opcode} Pg:3 Zm:5 Zdn:5`, {
    valid: hasSizes(...sizes),
    assembly: (f) =>
      `${names(name)} ${z(f.Zdn!, f.size!)}, ${merging(f)}, ${zNames(f, f.size!, "Zdn", "Zm")}`,
    run: mergeOfTwo(compute, signs),
  });

/** By the doubleword of Zm that the lane is in. */
const wideShift = (name: string, opcode: string, isSigned: boolean, compute: OfTwo): Definition =>
  sve(`${name} (wide elements, predicated)`, `00000100 size:2 011 ${opcode} 100 Pg:3 Zm:5 Zdn:5`, {
    valid: hasSizes(0, 1, 2),
    assembly: (f) =>
      `${names(name)} ${z(f.Zdn!, f.size!)}, ${merging(f)}, ${z(f.Zdn!, f.size!)}, ${z(f.Zm!, 3)}`,
    run(cpu, f) {
      const size = f.size!;
      mergeLanes(cpu, f.Zdn!, f.Pg!, size, (lane) => {
        const amount = laneOf(cpu, f.Zm!, 3, lane >> 3 - size);
        return compute(laneOf(cpu, f.Zdn!, size, lane, isSigned), amount, 8 << size);
      });
    },
  });

export const sveIntegerBinary: readonly Definition[] = [
  ...rows.map(definition),
  wideShift("ASR", "000", true, shiftRight),
  wideShift("LSR", "001", false, shiftRight),
  wideShift("LSL", "011", false, shiftLeft),
];
