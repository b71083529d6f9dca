// "Compare and swap" and "Compare and swap pair" (Arm DDI 0487, "Loads and Stores"; FEAT_LSE).

import { registerAt, slot } from "../cpu_layout.ts";
import {
  type Fields,
  instruction,
  type Meaning,
  type Need,
  type Operand,
  read,
  write,
} from "../definition.ts";
import type { Target } from "../target.ts";
import { add, and32, bind64, const64, eq, type I64, sequence, when } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { aloneInCode, atomicCompareExchange, atomicLoad, atomicStore } from "./atomic_code.ts";
import { compareAndSwap } from "./atomic_access.ts";
import { base, baseOf, withCheckedBase } from "./load_store_base.ts";
import { sizeBytes, sizeLetter, sizeSuffix } from "./load_store_exclusive.ts";
import { generalName, offsetAddress } from "./load_store_names.ts";
import { zeroExtended } from "./narrow_values.ts";
import { ifTranslated } from "./translated_access.ts";

export const FEAT_LSE: Need = ["ID_AA64ISAR0_EL1", 20, 2];

const order = ({ L, o0 }: Fields) => (L ? "a" : "") + (o0 ? "l" : "");
const word = 32n;
const lowWord = (value: bigint) => BigInt.asUintN(32, value);
const isEven = (n: number) => n % 2 === 0;

function emit(t: Target, form: Fields): Statement {
  const bytes = sizeBytes[form.size!]!;
  const swap = (place: I64) =>
    t.setX("to", atomicCompareExchange(bytes, place, zeroExtended(bytes, t.x("Rs")), t.x("Rt")));
  const access = bind64(t.x("Rn"), (address) => ifTranslated(t, { bytes, isWrite: true }, address, swap));
  return withCheckedBase(t, form, access);
}

const pair64 = "01 001000 0 L:1 1 Rs:5 o0:1 11111 Rn:5 Rt:5";
const pairMeaning: Omit<Meaning, "valid"> = {
  needs: FEAT_LSE,
  assembly: (f) => pairAssembly(f, "x"),
  run(cpu, f) {
    const value = (n: number) => [cpu.readX(n), cpu.readX(n + 1)] as const;
    const [low, high] = compareAndSwap(cpu, baseOf(cpu, f), 16, value(f.Rs!), value(f.Rt!));
    cpu.writeX(f.Rs!, low);
    cpu.writeX(f.Rs! + 1, high);
  },
};

const lastOfPair: Operand = ({ Rt }) => registerAt(Rt === 30 ? slot.zero : Rt! + 1);

const half = (place: I64, n: number) => n === 0 ? place : add(place, const64(8));

/** The comparison and the stores under the lock, the registers after it. */
function swapPair(t: Target, place: I64): Statement {
  const locals =
    (use: (old: readonly [I64, I64], set: (n: number) => Statement) => Statement): Statement => (c) => {
      const numbers = [c.local("i64"), c.local("i64")] as const;
      const get = (n: number): I64 => (code) => code.get(numbers[n]!);
      const set = (n: number): Statement => (code) => {
        atomicLoad(8, half(place, n))(code);
        code.set(numbers[n]!);
      };
      use([get(0), get(1)], set)(c);
      numbers.forEach((number) => c.release("i64", number));
    };
  return locals(([low, high], load) =>
    sequence(
      aloneInCode(sequence(
        load(0),
        load(1),
        when(
          and32(eq(low, t.x("Rs")), eq(high, t.x("above"))),
          sequence(atomicStore(8, half(place, 0), t.x("Rt")), atomicStore(8, half(place, 1), t.x("last"))),
        ),
      )),
      t.setX("Rs", low),
      t.setX("above", high),
    )
  );
}

function emitPair(t: Target, form: Fields): Statement {
  const access = bind64(
    t.x("Rn"),
    (address) =>
      ifTranslated(
        t,
        { bytes: 16, isWrite: true },
        address,
        (place) => bind64(place, (at) => swapPair(t, at)),
      ),
  );
  return withCheckedBase(t, form, access);
}

export const compareAndSwapInstructions = [
  instruction("CAS", "size:2 001000 1 L:1 1 Rs:5 o0:1 11111 Rn:5 Rt:5", {
    needs: FEAT_LSE,
    operands: { Rs: read("Rs"), to: write("Rs"), Rt: read("Rt"), ...base },
    forms: ["size", "isSp"],
    emit,
    assembly(f) {
      const letter = sizeLetter[f.size!]!;
      return `cas${order(f)}${sizeSuffix[f.size!]} ${generalName(letter, f.Rs!)}, ` +
        `${generalName(letter, f.Rt!)}, ${offsetAddress(f, 0)}`;
    },
    run(cpu, f) {
      const bytes = sizeBytes[f.size!]!;
      const value = (n: number) => [BigInt.asUintN(8 * bytes, cpu.readX(n)), 0n] as const;
      const [old] = compareAndSwap(cpu, baseOf(cpu, f), bytes, value(f.Rs!), value(f.Rt!));
      cpu.writeX(f.Rs!, old);
    },
  }),
  instruction("CASP (32-bit)", "00 001000 0 L:1 1 Rs:5 o0:1 11111 Rn:5 Rt:5", {
    needs: FEAT_LSE,
    valid: ({ Rs, Rt }) => isEven(Rs!) && isEven(Rt!),
    assembly: (f) => pairAssembly(f, "w"),
    run(cpu, f) {
      const value = (n: number) => [lowWord(cpu.readX(n)) | lowWord(cpu.readX(n + 1)) << word, 0n] as const;
      const [old] = compareAndSwap(cpu, baseOf(cpu, f), 8, value(f.Rs!), value(f.Rt!));
      cpu.writeX(f.Rs!, lowWord(old));
      cpu.writeX(f.Rs! + 1, old >> word);
    },
  }),
  instruction("CASP (64-bit)", pair64, {
    ...pairMeaning,
    valid: ({ Rs, Rt }) => isEven(Rs!) && isEven(Rt!) && Rs !== 30,
    operands: {
      Rs: read("Rs"),
      above: ({ Rs }) => registerAt(Rs! + 1),
      Rt: read("Rt"),
      last: lastOfPair,
      ...base,
    },
    forms: ["isSp"],
    emit: emitPair,
  }),
  // The zero register as the second one is read and discarded, for which an op has no room.
  instruction("CASP (64-bit, X30)", pair64, {
    ...pairMeaning,
    valid: ({ Rs, Rt }) => Rs === 30 && isEven(Rt!),
  }),
];

function pairAssembly(fields: Fields, letter: "w" | "x"): string {
  const pair = (n: number) => `${generalName(letter, n)}, ${generalName(letter, n + 1)}`;
  return `casp${order(fields)} ${pair(fields.Rs!)}, ${pair(fields.Rt!)}, ${offsetAddress(fields, 0)}`;
}
