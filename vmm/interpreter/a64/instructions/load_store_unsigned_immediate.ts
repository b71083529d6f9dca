// "Load/store register (unsigned immediate)" (Arm DDI 0487, "Loads and Stores"): LDR, STR and theirs at a base
// plus a multiple of the size.

import { type Fields, instruction } from "../definition.ts";
import { offsetAddress } from "./load_store_names.ts";
import { mnemonicOf, nameOf, offsetMeaning } from "./load_store_offset.ts";
import { everyTransfer, scaleOf, type Transfer, transferName } from "./load_store_transfer.ts";

function unsignedImmediate(transfer: Transfer) {
  const { size, V, opc } = transfer;
  const mnemonic = mnemonicOf(transfer, "ldr", "str");
  const immediate = ({ imm12 }: Fields) => imm12! << scaleOf(transfer);
  return instruction(
    nameOf(transfer, "ldr", "str", "unsigned immediate"),
    `${size} 111 ${V} 01 ${opc} imm12:12 Rn:5 Rt:5`,
    {
      ...offsetMeaning(transfer),
      immediate,
      assembly: (f) => `${mnemonic} ${transferName(transfer, f)}, ${offsetAddress(f, immediate(f))}`,
    },
  );
}

export const loadStoreUnsignedImmediate = everyTransfer.map(unsignedImmediate);
