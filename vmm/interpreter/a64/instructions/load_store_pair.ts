// "Load/store register pair" offset, pre-indexed, post-indexed, and "Load/store no-allocate pair (offset)" (Arm
// DDI 0487, "Loads and Stores"): LDP, STP, LDPSW, LDNP, STNP.

import { type Definition, type Fields, instruction, read, vector, write } from "../definition.ts";
import type { AccessBytes, Target } from "../target.ts";
import { add, bind, bind64, const64, extend32, type I64, sequence, type V128 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { base, indexed, withCheckedBase } from "./load_store_base.ts";
import { fromLow, low } from "./load_store_lanes.ts";
import { signed } from "./assembly_names.ts";
import { generalName, offsetAddress, postIndexedAddress, preIndexedAddress } from "./load_store_names.ts";
import { usesOf } from "./load_store_offset.ts";

interface Pair {
  /** Bits of the encoding. */
  readonly opc: string;
  readonly L: "0" | "1";
  readonly register: "w" | "x" | "s" | "d" | "q";
  readonly bytes: AccessBytes | 16;
  /** LDPSW. */
  readonly isSigned?: boolean;
}

const pairs: readonly Pair[] = ([
  ["00", "w", 4],
  ["10", "x", 8],
  ["00", "s", 4],
  ["01", "d", 8],
  ["10", "q", 16],
] as const).flatMap(([opc, register, bytes]) => [
  { opc, L: "0", register, bytes },
  { opc, L: "1", register, bytes },
]);
const ldpsw: Pair = { opc: "01", L: "1", register: "x", bytes: 4, isSigned: true };

const isVector = ({ register }: Pair) => register !== "w" && register !== "x";

/**
 * Both registers are loaded before one is written: the second access may fault. If they are one, which is
 * CONSTRAINED UNPREDICTABLE, Rt's value wins of general registers and Rt2's of vector registers, as in QEMU.
 */
function load(t: Target, { bytes, isSigned, register }: Pair, address: I64, second: I64): Statement {
  if (bytes === 16) {
    return bind(
      "v128",
      t.loadQ(address),
      (first: V128) =>
        bind("v128", t.loadQ(second), (other: V128) => sequence(t.setQ("Rt", first), t.setQ("Rt2", other))),
    );
  }
  const value = (from: I64) => isSigned ? extend32(t.load(bytes, from)) : t.load(bytes, from);
  const isGeneral = register === "w" || register === "x";
  return bind64(
    value(address),
    (first) =>
      bind64(
        value(second),
        (other) =>
          isGeneral
            ? sequence(t.setX("Rt2", other), t.setX("Rt", first))
            : sequence(t.setQ("Rt", fromLow(first)), t.setQ("Rt2", fromLow(other))),
      ),
  );
}

function store(t: Target, pair: Pair, address: I64, second: I64): Statement {
  const { bytes } = pair;
  if (bytes === 16) return sequence(t.storeQ(address, t.q("Rt")), t.storeQ(second, t.q("Rt2")));
  const value = (name: string) => isVector(pair) ? low(t.q(name)) : t.x(name);
  return sequence(t.store(bytes, address, value("Rt")), t.store(bytes, second, value("Rt2")));
}

const access = (t: Target, pair: Pair, address: I64) =>
  (pair.L === "1" ? load : store)(t, pair, address, add(address, const64(pair.bytes)));

interface Mode {
  readonly name: string;
  /** Bits of the encoding. */
  readonly bits: string;
  readonly mnemonic: string;
  readonly address: (fields: Fields, offset: number) => string;
  readonly emit: (t: Target, pair: Pair) => Statement;
}

const atOffset = (t: Target, pair: Pair) =>
  bind64(add(t.x("Rn"), t.immediate()), (address) => access(t, pair, address));
const withWriteBack = (isPost: boolean) => (t: Target, pair: Pair) =>
  indexed(t, { isPost, offset: t.immediate() }, (address) => access(t, pair, address));

const modes: readonly Mode[] = [
  { name: "offset", bits: "010", mnemonic: "p", address: offsetAddress, emit: atOffset },
  {
    name: "post-indexed",
    bits: "001",
    mnemonic: "p",
    address: postIndexedAddress,
    emit: withWriteBack(true),
  },
  { name: "pre-indexed", bits: "011", mnemonic: "p", address: preIndexedAddress, emit: withWriteBack(false) },
];
const noAllocate: Mode = {
  name: "no-allocate",
  bits: "000",
  mnemonic: "np",
  address: offsetAddress,
  emit: atOffset,
};

function name(pair: Pair, n: number): string {
  const { register } = pair;
  return register === "w" || register === "x" ? generalName(register, n) : `${register}${n}`;
}

function operandOf(pair: Pair) {
  if (isVector(pair)) return vector;
  return pair.L === "1" ? write : read;
}

function definitionOf(pair: Pair, mode: Mode): Definition {
  const mnemonic = `${pair.L === "1" ? "ld" : "st"}${mode.mnemonic}${pair.isSigned ? "sw" : ""}`;
  const operand = operandOf(pair);
  const immediate = ({ imm7 }: Fields) => signed(imm7!, 7) * pair.bytes;
  return instruction(
    `${mnemonic.toUpperCase()} ${pair.register.toUpperCase()}t (${mode.name})`,
    `${pair.opc} 101 ${isVector(pair) ? 1 : 0} ${mode.bits} ${pair.L} imm7:7 Rt2:5 Rn:5 Rt:5`,
    {
      operands: { Rt: operand("Rt"), ...base, Rt2: operand("Rt2") },
      immediate,
      forms: ["isSp"],
      ...usesOf(isVector(pair)),
      isHot: mode !== noAllocate && !isVector(pair),
      assembly: (f) =>
        `${mnemonic} ${name(pair, f.Rt!)}, ${name(pair, f.Rt2!)}, ${mode.address(f, immediate(f))}`,
      emit: (t, form) => withCheckedBase(t, form, mode.emit(t, pair)),
    },
  );
}

export const loadStorePair: readonly Definition[] = [
  ...[...pairs, ldpsw].flatMap((pair) => modes.map((mode) => definitionOf(pair, mode))),
  ...pairs.map((pair) => definitionOf(pair, noAllocate)),
];
