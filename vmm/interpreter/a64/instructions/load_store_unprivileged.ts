// "Load/store register (unprivileged)" (Arm DDI 0487, "Loads and Stores"): LDTR, STTR and theirs, which at EL1 have
// EL0's permissions unless PSTATE.UAO is set.

import type { AccessSize, Cpu } from "../cpu.ts";
import { cpuWord } from "../cpu_layout.ts";
import { type Fields, instruction } from "../definition.ts";
import { readVirtual, writeVirtual } from "../mmu_access.ts";
import { isAtEl0, PSTATE } from "../pstate.ts";
import type { Target } from "../target.ts";
import { add, and32, bind64, const32, type I64, when } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { signed } from "./assembly_names.ts";
import { baseOf, withCheckedBase } from "./load_store_base.ts";
import { offsetAddress } from "./load_store_names.ts";
import { mnemonicOf, nameOf, registerMeaning } from "./load_store_offset.ts";
import { extendedTo, generalTransfers, type Transfer, transferName } from "./load_store_transfer.ts";
import { loadPlaced, storePlaced } from "./placed_access.ts";
import { el0Tlb, ifTranslated } from "./translated_access.ts";

const immediate = ({ imm9 }: Fields) => signed(imm9!, 9);

/** Whether the exception level makes no difference: at EL0, and at EL1 with UAO. */
const isOrdinary = (cpu: Cpu) => isAtEl0(cpu) || (cpu.pstate & PSTATE.UAO) !== 0;

const read = (cpu: Cpu, address: bigint, bytes: AccessSize) =>
  isOrdinary(cpu) ? cpu.read(address, bytes) : readVirtual(cpu, address, bytes, true);

function write(cpu: Cpu, address: bigint, bytes: AccessSize, value: bigint) {
  if (isOrdinary(cpu)) cpu.write(address, bytes, value);
  else writeVirtual(cpu, address, bytes, value, true);
}

function run(cpu: Cpu, fields: Fields, transfer: Transfer) {
  const bytes = transfer.bytes as AccessSize;
  const address = BigInt.asUintN(64, baseOf(cpu, fields) + BigInt(immediate(fields)));
  if (transfer.isStore) write(cpu, address, bytes, BigInt.asUintN(8 * bytes, cpu.readX(fields.Rt!)));
  else cpu.writeX(fields.Rt!, extendedTo(transfer, read(cpu, address, bytes)));
}

function emit(t: Target, transfer: Transfer): Statement {
  const bytes = transfer.bytes as AccessSize;
  const access = (place: I64) =>
    transfer.isStore ? storePlaced(bytes, place, t.x("Rt")) : t.setX("Rt", loadPlaced(transfer, place));
  return when(
    and32(t.state32(cpuWord.pstate), const32(PSTATE.UAO)),
    t.fallBack(),
    bind64(
      add(t.x("Rn"), t.immediate()),
      (address) => ifTranslated(t, { bytes, isWrite: transfer.isStore, tlb: el0Tlb(t) }, address, access),
    ),
  );
}

function unprivileged(transfer: Transfer) {
  const { size, opc } = transfer;
  const mnemonic = mnemonicOf(transfer, "ldtr", "sttr");
  return instruction(
    nameOf(transfer, "ldtr", "sttr", "unprivileged"),
    `${size} 111 0 00 ${opc} 0 imm9:9 10 Rn:5 Rt:5`,
    {
      ...registerMeaning(transfer),
      isHot: false,
      immediate,
      assembly: (f) => `${mnemonic} ${transferName(transfer, f)}, ${offsetAddress(f, immediate(f))}`,
      emit: (t, form) => withCheckedBase(t, form, emit(t, transfer)),
      run: (cpu, f) => run(cpu, f, transfer),
    },
  );
}

export const loadStoreUnprivileged = generalTransfers.map(unprivileged);
