// "Load/store register (register offset)" (Arm DDI 0487, "Loads and Stores"): LDR, STR and theirs at a base plus
// an index, which is extended and shifted.

import { type Fields, instruction, read } from "../definition.ts";
import { add, extend32, type I64, low32, shl } from "../vocabulary.ts";
import { withCheckedBase } from "./load_store_base.ts";
import { baseName, generalName } from "./load_store_names.ts";
import { mnemonicOf, nameOf, registerMeaning } from "./load_store_offset.ts";
import { everyTransfer, scaleOf, type Transfer, transferName, transferred } from "./load_store_transfer.ts";

interface Extension {
  /** Bits of the encoding. */
  readonly option: string;
  readonly name: (fields: Fields) => string;
  readonly index: "w" | "x";
  readonly extend: (index: I64) => I64;
}

const extensions: readonly Extension[] = [
  { option: "010", name: () => "uxtw", index: "w", extend: low32 },
  { option: "110", name: () => "sxtw", index: "w", extend: extend32 },
  { option: "SX:1 11", name: ({ SX }) => SX ? "sxtx" : "lsl", index: "x", extend: (index) => index },
];

/** "[x1, x2]", "[x1, w2, uxtw #3]": LSL is written where it shifts, and by 0 where a byte's shift is encoded. */
export function indexedAddress(fields: Fields, scale: number, name: string, index: "w" | "x"): string {
  const { Rm, S } = fields;
  const shift = S ? ` #${scale}` : "";
  const extension = name === "lsl" && !S ? "" : `, ${name}${shift}`;
  return `[${baseName(fields)}, ${generalName(index, Rm!)}${extension}]`;
}

function registerOffset(transfer: Transfer, { option, name, index, extend }: Extension) {
  const { size, V, opc } = transfer;
  const mnemonic = mnemonicOf(transfer, "ldr", "str");
  const scale = scaleOf(transfer);
  const meaning = registerMeaning(transfer);
  return instruction(
    nameOf(transfer, "ldr", "str", `register ${option}`),
    `${size} 111 ${V} 00 ${opc} 1 Rm:5 ${option} S:1 10 Rn:5 Rt:5`,
    {
      ...meaning,
      operands: { ...meaning.operands, Rm: read("Rm") },
      immediate: ({ S }) => S! * scale,
      assembly: (f) =>
        `${mnemonic} ${transferName(transfer, f)}, ${indexedAddress(f, scale, name(f), index)}`,
      emit: (t, form) => {
        const address = add(t.x("Rn"), shl(extend(t.x("Rm")), t.immediate()));
        return withCheckedBase(t, form, transferred(t, transfer, address));
      },
    },
  );
}

export const loadStoreRegisterOffset = everyTransfer.flatMap((transfer) =>
  extensions.map((extension) => registerOffset(transfer, extension))
);
