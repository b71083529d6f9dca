// "Load register (literal)" (Arm DDI 0487, "Loads and Stores"): LDR and LDRSW of what stands near the
// instruction.

import { type Fields, instruction } from "../definition.ts";
import { add } from "../vocabulary.ts";
import { relative, signed } from "./assembly_names.ts";
import { mnemonicOf, transferOperand, usesOf } from "./load_store_offset.ts";
import { everyTransfer, isVector, type Transfer, transferName, transferred } from "./load_store_transfer.ts";

const immediate = ({ imm19 }: Fields) => signed(imm19!, 19) * 4;

/** The class's opc, by the register that is loaded and the mnemonic. */
const encodings: Readonly<Record<string, string>> = {
  "w": "00",
  "x": "01",
  "xsw": "10",
  "s": "00",
  "d": "01",
  "q": "10",
};

function literal(transfer: Transfer, opc: string) {
  const mnemonic = mnemonicOf(transfer, "ldr", "");
  return instruction(
    `${mnemonic.toUpperCase()} ${transfer.register.toUpperCase()}t (literal)`,
    `${opc} 011 ${transfer.V} 00 imm19:19 Rt:5`,
    {
      operands: { Rt: transferOperand(transfer) },
      immediate,
      ...usesOf(isVector(transfer)),
      isHot: !isVector(transfer),
      assembly: (f) => `${mnemonic} ${transferName(transfer, f)}, ${relative(immediate(f))}`,
      emit: (t) => transferred(t, transfer, add(t.pc(), t.immediate())),
    },
  );
}

export const loadLiteral = everyTransfer.flatMap((transfer) => {
  const opc = encodings[transfer.register + transfer.suffix];
  return transfer.isStore || opc === undefined ? [] : [literal(transfer, opc)];
});
