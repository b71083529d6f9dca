// "Load/store register (unscaled immediate)" (Arm DDI 0487, "Loads and Stores"): LDUR, STUR and theirs.

import { type Fields, instruction } from "../definition.ts";
import { signed } from "./assembly_names.ts";
import { offsetAddress } from "./load_store_names.ts";
import { mnemonicOf, nameOf, offsetMeaning } from "./load_store_offset.ts";
import { everyTransfer, type Transfer, transferName } from "./load_store_transfer.ts";

const immediate = ({ imm9 }: Fields) => signed(imm9!, 9);

function unscaled(transfer: Transfer) {
  const { size, V, opc } = transfer;
  const mnemonic = mnemonicOf(transfer, "ldur", "stur");
  return instruction(
    nameOf(transfer, "ldur", "stur", "unscaled"),
    `${size} 111 ${V} 00 ${opc} 0 imm9:9 00 Rn:5 Rt:5`,
    {
      ...offsetMeaning(transfer),
      immediate,
      assembly: (f) => `${mnemonic} ${transferName(transfer, f)}, ${offsetAddress(f, immediate(f))}`,
    },
  );
}

export const loadStoreUnscaled = everyTransfer.map(unscaled);
