// What a load or store of one register moves: a size, an extension and a register file, as the fields size, V and
// opc say in every class of "Load/store register" (Arm DDI 0487, "Loads and Stores").

import type { Fields } from "../definition.ts";
import type { AccessBytes, Target } from "../target.ts";
import type { I64 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { generalName } from "./load_store_names.ts";
import { fromLow, low } from "./load_store_lanes.ts";
import { signExtended } from "./narrow_values.ts";

export interface Transfer {
  /** Bits of the encoding. */
  readonly size: string;
  readonly V: "0" | "1";
  readonly opc: string;
  readonly isStore: boolean;
  readonly bytes: AccessBytes | 16;
  /** The register's letter in assembly. */
  readonly register: "w" | "x" | "b" | "h" | "s" | "d" | "q";
  /** What the mnemonic ends in: LDRSB is "ldr" and "sb". */
  readonly suffix: string;
}

type General = readonly [size: string, opc: string, register: "w" | "x", suffix: string];

const sizes: Readonly<Record<string, AccessBytes>> = { "00": 1, "01": 2, "10": 4, "11": 8 };

const general = ([size, opc, register, suffix]: General): Transfer => ({
  size,
  V: "0",
  opc,
  isStore: opc === "00",
  bytes: sizes[size]!,
  register,
  suffix,
});

export const generalTransfers: readonly Transfer[] = ([
  ["00", "00", "w", "b"],
  ["00", "01", "w", "b"],
  ["00", "10", "x", "sb"],
  ["00", "11", "w", "sb"],
  ["01", "00", "w", "h"],
  ["01", "01", "w", "h"],
  ["01", "10", "x", "sh"],
  ["01", "11", "w", "sh"],
  ["10", "00", "w", ""],
  ["10", "01", "w", ""],
  ["10", "10", "x", "sw"],
  ["11", "00", "x", ""],
  ["11", "01", "x", ""],
] as const).map(general);

type Vector = readonly [
  size: string,
  isLarge: "0" | "1",
  register: "b" | "h" | "s" | "d" | "q",
  Transfer["bytes"],
];

const vectors: readonly Vector[] = [
  ["00", "0", "b", 1],
  ["01", "0", "h", 2],
  ["10", "0", "s", 4],
  ["11", "0", "d", 8],
  ["00", "1", "q", 16],
];

export const vectorTransfers: readonly Transfer[] = vectors.flatMap(([size, isLarge, register, bytes]) =>
  [true, false].map((isStore) => ({
    size,
    V: "1" as const,
    opc: isLarge + (isStore ? "0" : "1"),
    isStore,
    bytes,
    register,
    suffix: "",
  }))
);

export const everyTransfer = [...generalTransfers, ...vectorTransfers];

export const isVector = ({ V }: Transfer) => V === "1";

/** The power of two that offsets are scaled by. */
export const scaleOf = ({ bytes }: Transfer) => Math.log2(bytes);

export const isSigned = ({ suffix }: Transfer) => suffix[0] === "s";

/** What a load writes to its register, of what was read. */
export function extendedTo(transfer: Transfer, value: bigint): bigint {
  const { bytes, register } = transfer;
  const whole = isSigned(transfer) ? BigInt.asIntN(8 * bytes, value) : value;
  return BigInt.asUintN(register === "w" ? 32 : 64, whole);
}

/** The access, to or from the register that is the operand "Rt". */
export function transferred(target: Target, transfer: Transfer, address: I64): Statement {
  const { bytes, isStore, register } = transfer;
  if (bytes === 16) {
    return isStore ? target.storeQ(address, target.q("Rt")) : target.setQ("Rt", target.loadQ(address));
  }
  if (isStore) {
    return target.store(bytes, address, isVector(transfer) ? low(target.q("Rt")) : target.x("Rt"));
  }
  const loaded = target.load(bytes, address);
  const value = isSigned(transfer) ? signExtended(bytes, loaded) : loaded;
  if (isVector(transfer)) return target.setQ("Rt", fromLow(value));
  return register === "w" && isSigned(transfer) ? target.setW("Rt", value) : target.setX("Rt", value);
}

/** Of the register that is the field "Rt". */
export function transferName({ register }: Transfer, { Rt }: Fields): string {
  return register === "w" || register === "x" ? generalName(register, Rt!) : `${register}${Rt}`;
}
