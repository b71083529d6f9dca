// Pointer authentication as a vcpu's registers have it: the keys, whether they are enabled, and the layout of
// pointers (Arm DDI 0487, shared pseudocode "AddPACIA", "AuthIA", "Strip" and theirs).

import type { Cpu } from "../cpu.ts";
import { systemRegisterAt } from "../cpu_layout.ts";
import { GuestException } from "../guest_exception.ts";
import { type AddressAuthentication, addressAuthentication } from "../pauth/algorithm.ts";
import { addPac, auth, pacFailSyndrome, type PacKey, strip } from "../pauth/pointer.ts";
import { type AddressSizes, type PointerLayout, pointerLayout } from "../pauth/pointer_layout.ts";

export interface PointerKey {
  readonly isData: boolean;
  readonly isKeyB: boolean;
  /** Its bit of SCTLR_EL1: EnIA, EnIB, EnDA, EnDB. */
  readonly enable: number;
  /** Where the halves are, as in APIAKeyHi_EL1 and APIAKeyLo_EL1. */
  readonly high: number;
  readonly low: number;
}

/** Byte offset of a system register in the vcpu's state. */
const placeOf = (name: string) => systemRegisterAt.get(name)!;
const halves = (key: string) => ({ high: placeOf(`AP${key}KEYHI_EL1`), low: placeOf(`AP${key}KEYLO_EL1`) });

export const pointerKeys = {
  IA: { ...halves("IA"), isData: false, isKeyB: false, enable: 1 << 31 },
  IB: { ...halves("IB"), isData: false, isKeyB: true, enable: 1 << 30 },
  DA: { ...halves("DA"), isData: true, isKeyB: false, enable: 1 << 27 },
  DB: { ...halves("DB"), isData: true, isKeyB: true, enable: 1 << 13 },
} as const satisfies Readonly<Record<string, PointerKey>>;
export const genericKey = halves("GA");

export const SCTLR_EL1 = placeOf("SCTLR_EL1");
const TCR_EL1 = placeOf("TCR_EL1");
const exceptionClass = { unknown: 0x00, pacFail: 0x1c };

/** What of a vcpu's pointers changes never, and with TCR_EL1 only. */
interface Pointers {
  readonly method: AddressAuthentication | undefined;
  readonly sizes: AddressSizes;
  tcr: bigint | undefined;
  instruction: PointerLayout;
  data: PointerLayout;
}

const known = new WeakMap<Cpu, Pointers>();

export function pointersOf(cpu: Cpu): Pointers {
  let pointers = known.get(cpu);
  if (!pointers) {
    pointers = newPointers(cpu);
    known.set(cpu, pointers);
  }
  const tcr = cpu.u64(TCR_EL1);
  if (pointers.tcr !== tcr) {
    pointers.tcr = tcr;
    pointers.instruction = pointerLayout(tcr, false, pointers.sizes);
    pointers.data = pointerLayout(tcr, true, pointers.sizes);
  }
  return pointers;
}

function newPointers(cpu: Cpu): Pointers {
  const { ID_AA64ISAR1_EL1 = 0n, ID_AA64ISAR2_EL1 = 0n } = cpu.profile.idRegisters;
  const sizes = {
    smallTranslationTables: cpu.idField("ID_AA64MMFR2_EL1", 28) > 0,
    largeWith64k: cpu.idField("ID_AA64MMFR2_EL1", 16) > 0,
    largeWithDs: cpu.idField("ID_AA64MMFR0_EL1", 28) === 1 || cpu.idField("ID_AA64MMFR0_EL1", 20) === 2,
  };
  const layout = pointerLayout(0n, false, sizes);
  const method = addressAuthentication(ID_AA64ISAR1_EL1, ID_AA64ISAR2_EL1);
  return { method, sizes, tcr: undefined, instruction: layout, data: layout };
}

export const hasPointerAuthentication = (cpu: Cpu): boolean => pointersOf(cpu).method !== undefined;

/** The exception of an instruction that the vcpu does not have. */
export const undefinedInstruction = () => new GuestException(exceptionClass.unknown, 0);

export const keyOf = (cpu: Cpu, { high, low }: Pick<PointerKey, "high" | "low">): PacKey => ({
  high: cpu.u64(high),
  low: cpu.u64(low),
});

const isEnabled = (cpu: Cpu, { enable }: PointerKey) => (cpu.u32(SCTLR_EL1) & enable) !== 0;

/** The pointer as it is where the vcpu does not have pointer authentication or the key is not enabled. */
export function sign(cpu: Cpu, pointer: bigint, modifier: bigint, key: PointerKey): bigint {
  if (!isEnabled(cpu, key)) return pointer;
  const { method, data, instruction } = pointersOf(cpu);
  if (!method) return pointer;
  return addPac(pointer, modifier, keyOf(cpu, key), key.isData ? data : instruction, method);
}

/**
 * Likewise; throws GuestException where a wrong code is a fault of the instruction (FEAT_FPAC).
 * @param isCombined whether the instruction is a branch or a load too
 */
export function authenticate(
  cpu: Cpu,
  pointer: bigint,
  modifier: bigint,
  key: PointerKey,
  isCombined: boolean,
): bigint {
  if (!isEnabled(cpu, key)) return pointer;
  const { method, data, instruction } = pointersOf(cpu);
  if (!method) return pointer;
  const variant = { isKeyB: key.isKeyB, isCombined };
  const layout = key.isData ? data : instruction;
  const result = auth(pointer, modifier, keyOf(cpu, key), variant, layout, method);
  if (result !== "fault") return result;
  throw new GuestException(exceptionClass.pacFail, pacFailSyndrome(key.isData, key.isKeyB));
}

export function stripCode(cpu: Cpu, pointer: bigint, isData: boolean): bigint {
  const { data, instruction } = pointersOf(cpu);
  return strip(pointer, isData ? data : instruction);
}
