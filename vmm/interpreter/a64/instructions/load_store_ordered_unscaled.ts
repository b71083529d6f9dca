// "LDAPR/STLR (unscaled immediate)" (Arm DDI 0487, "Loads and Stores"): LDAPUR and STLUR.

import type { AccessSize, Cpu } from "../cpu.ts";
import { type Fields, instruction, type Need } from "../definition.ts";
import { checkAlignment } from "./load_store_alignment.ts";
import { baseOf } from "./load_store_base.ts";
import { signed } from "./assembly_names.ts";
import { offsetAddress } from "./load_store_names.ts";
import { mnemonicOf, nameOf } from "./load_store_offset.ts";
import { extendedTo, generalTransfers, type Transfer, transferName } from "./load_store_transfer.ts";

const FEAT_LRCPC2: Need = ["ID_AA64ISAR1_EL1", 20, 2];

const offset = ({ imm9 }: Fields) => signed(imm9!, 9);

function access(cpu: Cpu, fields: Fields, transfer: Transfer) {
  const { isStore, bytes } = transfer;
  const size = bytes as AccessSize;
  const address = BigInt.asUintN(64, baseOf(cpu, fields) + BigInt(offset(fields)));
  checkAlignment(cpu, address, size, isStore, "ordered");
  if (isStore) return cpu.write(address, size, BigInt.asUintN(8 * size, cpu.readX(fields.Rt!)));
  cpu.writeX(fields.Rt!, extendedTo(transfer, cpu.read(address, size)));
}

function orderedUnscaled(transfer: Transfer) {
  const { size, opc } = transfer;
  const mnemonic = mnemonicOf(transfer, "ldapur", "stlur");
  return instruction(
    nameOf(transfer, "ldapur", "stlur", "unscaled"),
    `${size} 011001 ${opc} 0 imm9:9 00 Rn:5 Rt:5`,
    {
      needs: FEAT_LRCPC2,
      assembly: (f) => `${mnemonic} ${transferName(transfer, f)}, ${offsetAddress(f, offset(f))}`,
      run: (cpu, f) => access(cpu, f, transfer),
    },
  );
}

export const loadStoreOrderedUnscaled = generalTransfers.map(orderedUnscaled);
