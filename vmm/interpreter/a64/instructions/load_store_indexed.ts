// "Load/store register (immediate post-indexed)" and "(immediate pre-indexed)" (Arm DDI 0487, "Loads and
// Stores"): LDR, STR and theirs with write-back.

import { type Fields, instruction } from "../definition.ts";
import { indexed, withCheckedBase } from "./load_store_base.ts";
import { signed } from "./assembly_names.ts";
import { postIndexedAddress, preIndexedAddress } from "./load_store_names.ts";
import { mnemonicOf, nameOf, registerMeaning } from "./load_store_offset.ts";
import { everyTransfer, type Transfer, transferName, transferred } from "./load_store_transfer.ts";

const immediate = ({ imm9 }: Fields) => signed(imm9!, 9);

function withWriteBack(transfer: Transfer, isPost: boolean) {
  const { size, V, opc } = transfer;
  const mnemonic = mnemonicOf(transfer, "ldr", "str");
  const address = isPost ? postIndexedAddress : preIndexedAddress;
  return instruction(
    nameOf(transfer, "ldr", "str", isPost ? "post-indexed" : "pre-indexed"),
    `${size} 111 ${V} 00 ${opc} 0 imm9:9 ${isPost ? "01" : "11"} Rn:5 Rt:5`,
    {
      ...registerMeaning(transfer),
      immediate,
      assembly: (f) => `${mnemonic} ${transferName(transfer, f)}, ${address(f, immediate(f))}`,
      emit: (t, form) => {
        const mode = { isPost, offset: t.immediate() };
        return withCheckedBase(t, form, indexed(t, mode, (address) => transferred(t, transfer, address)));
      },
    },
  );
}

export const loadStoreIndexed = everyTransfer.flatMap((transfer) => [
  withWriteBack(transfer, true),
  withWriteBack(transfer, false),
]);
