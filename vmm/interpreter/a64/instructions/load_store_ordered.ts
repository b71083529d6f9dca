// "Load/store ordered" (Arm DDI 0487, "Loads and Stores"): LDAR, STLR, LDLAR, STLLR; and LDAPR, which is encoded
// among the atomic memory operations.

import type { Cpu } from "../cpu.ts";
import { type Fields, instruction, type Meaning, type Need, read, write } from "../definition.ts";
import { bind64, type I64 } from "../vocabulary.ts";
import { atomicLoad, atomicStore } from "./atomic_code.ts";
import { checkAlignment } from "./load_store_alignment.ts";
import { base, baseOf, withCheckedBase } from "./load_store_base.ts";
import { sizeBytes, sizeLetter, sizeSuffix } from "./load_store_exclusive.ts";
import { generalName, offsetAddress } from "./load_store_names.ts";
import { ifTranslated } from "./translated_access.ts";

const FEAT_LOR: Need = ["ID_AA64MMFR1_EL1", 16, 1];
const FEAT_LRCPC: Need = ["ID_AA64ISAR1_EL1", 20, 1];

function loadOrdered(cpu: Cpu, fields: Fields) {
  const bytes = bytesOf(fields), address = baseOf(cpu, fields);
  checkAlignment(cpu, address, bytes, false, "ordered");
  cpu.writeX(fields.Rt!, cpu.read(address, bytes));
}

function storeOrdered(cpu: Cpu, fields: Fields) {
  const bytes = bytesOf(fields), address = baseOf(cpu, fields);
  checkAlignment(cpu, address, bytes, true, "ordered");
  cpu.write(address, bytes, BigInt.asUintN(8 * bytes, cpu.readX(fields.Rt!)));
}

const bytesOf = ({ size }: Fields) => sizeBytes[size!]!;

/** Rt and the base, the size by form. */
const forms = ["size", "isSp"];

const loads: Omit<Meaning, "assembly"> = {
  operands: { Rt: write("Rt"), ...base },
  forms,
  emit: (t, form) =>
    withCheckedBase(
      t,
      form,
      bind64(t.x("Rn"), (address) => {
        const bytes = bytesOf(form);
        const load = (place: I64) => t.setX("Rt", atomicLoad(bytes, place));
        return ifTranslated(t, { bytes, isWrite: false }, address, load);
      }),
    ),
  run: loadOrdered,
};

const stores: Omit<Meaning, "assembly"> = {
  operands: { Rt: read("Rt"), ...base },
  forms,
  emit: (t, form) =>
    withCheckedBase(
      t,
      form,
      bind64(t.x("Rn"), (address) => {
        const bytes = bytesOf(form);
        const store = (place: I64) => atomicStore(bytes, place, t.x("Rt"));
        return ifTranslated(t, { bytes, isWrite: true }, address, store);
      }),
    ),
  run: storeOrdered,
};

const assembly = (mnemonic: string) => (f: Fields) =>
  `${mnemonic}${sizeSuffix[f.size!]} ${generalName(sizeLetter[f.size!]!, f.Rt!)}, ${offsetAddress(f, 0)}`;

export const loadStoreOrdered = [
  instruction("LDAR", "size:2 001000 1 1 0 Rs:5 1 Rt2:5 Rn:5 Rt:5", {
    ...loads,
    assembly: assembly("ldar"),
  }),
  instruction("STLR", "size:2 001000 1 0 0 Rs:5 1 Rt2:5 Rn:5 Rt:5", {
    ...stores,
    assembly: assembly("stlr"),
  }),
  instruction("LDLAR", "size:2 001000 1 1 0 Rs:5 0 Rt2:5 Rn:5 Rt:5", {
    ...loads,
    needs: FEAT_LOR,
    assembly: assembly("ldlar"),
  }),
  instruction("STLLR", "size:2 001000 1 0 0 Rs:5 0 Rt2:5 Rn:5 Rt:5", {
    ...stores,
    needs: FEAT_LOR,
    assembly: assembly("stllr"),
  }),
  instruction("LDAPR", "size:2 111 0 00 101 11111 1 100 00 Rn:5 Rt:5", {
    ...loads,
    needs: FEAT_LRCPC,
    assembly: assembly("ldapr"),
  }),
];
