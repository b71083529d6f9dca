// What the loads and stores of one register at a base plus a constant mean, whatever their encoding says of the
// constant (Arm DDI 0487, "Load/Store addressing modes", "Base plus offset").

import { type Meaning, read, vector, write } from "../definition.ts";
import { add } from "../vocabulary.ts";
import { base, withCheckedBase } from "./load_store_base.ts";
import { isVector, type Transfer, transferred } from "./load_store_transfer.ts";

/** The transferred register, an operand. */
export function transferOperand(transfer: Transfer) {
  if (isVector(transfer)) return vector("Rt");
  return transfer.isStore ? read("Rt") : write("Rt");
}

const fpTraps: Pick<Meaning, "uses"> = { uses: "fp" };
const noTraps: Pick<Meaning, "uses"> = {};
export const usesOf = (isVector: boolean) => isVector ? fpTraps : noTraps;

/** What all loads and stores of a register have alike. */
export function registerMeaning(transfer: Transfer) {
  return {
    operands: { Rt: transferOperand(transfer), ...base },
    forms: ["isSp"],
    isHot: !isVector(transfer),
    ...usesOf(isVector(transfer)),
  };
}

const codes = new Map<Transfer, Pick<Meaning, "emit">>();

/** At the base plus the immediate: one function for each transfer, so that encodings can share its code. */
export function offsetMeaning(transfer: Transfer) {
  let code = codes.get(transfer);
  if (!code) {
    code = {
      emit: (t, form) => withCheckedBase(t, form, transferred(t, transfer, add(t.x("Rn"), t.immediate()))),
    };
    codes.set(transfer, code);
  }
  return { ...registerMeaning(transfer), ...code };
}

/** "ldrsb", "stur". */
export const mnemonicOf = (transfer: Transfer, load: string, store: string) =>
  (transfer.isStore ? store : load) + transfer.suffix;

/** For a definition's name. */
export const nameOf = (transfer: Transfer, load: string, store: string, mode: string) =>
  `${mnemonicOf(transfer, load, store).toUpperCase()} ${transfer.register.toUpperCase()}t (${mode})`;
