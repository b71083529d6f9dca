// The core registers: general-purpose, PSTATE and floating-point state, in the bytes of struct kvm_regs
// (KVM document, "4.68 KVM_SET_ONE_REG").

import { errno } from "../../kvm/errno.ts";
import { type RegisterId, registerNamed, registerSize } from "../../kvm/register_id.ts";
import type { CpuState } from "../a64/cpu_state.ts";
import { vectorBytes } from "../a64/cpu_layout.ts";
import type { RegisterFamily } from "./family.ts";

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => prefix + n);
const PSTATE = registerNamed("PSTATE");

/** Words of 32 bits of arm64's struct kvm_regs, which ends with two that are reserved. */
const structWords = 0xd8;
const offsetBits = 0xffffn;

/** Mode fields of PSTATE as SPSR_EL1.M has them (Arm DDI 0487, "SPSR_EL1"); D, A, I and F mask interrupts. */
const modes = { EL0t: 0x0, EL1t: 0x4, EL1h: 0x5, AArch32User: 0x10 };
const aarch32Privileged = [0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f];
const modeField = 0x1fn;
const EL1hMasked = 0x3c5n;
const AArch32SupervisorMasked = 0x1d3n;
const nzcvField = 0xf000_0000n;

export interface CoreOptions {
  readonly hasSve: boolean;
  readonly isAArch32: boolean;
  /** Whether the host's EL0 can run AArch32. */
  readonly hasAArch32User: boolean;
}

interface Place {
  get(state: CpuState): bigint;
  set(state: CpuState, value: bigint): void;
}

const general = (n: number): Place => ({
  get: ({ x }) => x[n]!,
  set: ({ x }, value) => void (x[n] = value),
});
const stored = (name: string): Place => ({
  get: (state) => state.system(name),
  set: (state, value) => state.setSystem(name, value),
});
const word = (name: "fpcr" | "fpsr"): Place => ({
  get: (state) => BigInt(state[name]),
  set: (state, value) => void (state[name] = Number(value)),
});
const vector = (n: number): Place => ({
  get: ({ vectors }) =>
    vectors.getBigUint64(n * vectorBytes, true) | vectors.getBigUint64(n * vectorBytes + 8, true) << 64n,
  set: ({ vectors }, value) => {
    vectors.setBigUint64(n * vectorBytes, value, true);
    vectors.setBigUint64(n * vectorBytes + 8, value >> 64n, true);
  },
});

/** SP_EL0 and SP_EL1 by the PSTATE that says which of them is the current SP. */
const stackPointer = (name: "SP_EL0" | "SP_EL1"): Place => {
  const isCurrent = ({ pstate }: CpuState) =>
    ((pstate & Number(modeField)) === modes.EL1h) === (name === "SP_EL1");
  return {
    get: (state) => isCurrent(state) ? state.sp : state.system(name),
    set(state, value) {
      if (isCurrent(state)) state.sp = value;
      else state.setSystem(name, value);
    },
  };
};
const [spEl0, spEl1] = [stackPointer("SP_EL0"), stackPointer("SP_EL1")];

const pstate: Place = {
  get: (state) => BigInt((state.pstate | state.nzcv) >>> 0),
  set(state, value) {
    const pointers = [spEl0.get(state), spEl1.get(state)] as const;
    state.nzcv = Number(value & nzcvField);
    state.pstate = Number(BigInt.asUintN(32, value) & ~nzcvField);
    spEl0.set(state, pointers[0]);
    spEl1.set(state, pointers[1]);
  },
};

const scalars: readonly (readonly [name: string, place: Place])[] = [
  ...numbered("X", 31).map((name, n) => [name, general(n)] as const),
  ["SP", spEl0],
  ["PC", { get: (state) => state.pc, set: (state, value) => void (state.pc = value) }],
  ["PSTATE", pstate],
  ["SP_EL1", spEl1],
  ["ELR_EL1", stored("ELR_EL1")],
  ["SPSR_EL1", stored("SPSR_EL1")],
  ["FPSR", word("fpsr")],
  ["FPCR", word("fpcr")],
];
/** Of AArch32, which no vcpu here is in. */
const aarch32 = ["SPSR_ABT", "SPSR_UND", "SPSR_IRQ", "SPSR_FIQ"].map(registerNamed);
const vectors = numbered("V", 32).map((name, n) => [registerNamed(name), vector(n)] as const);
const places = new Map<bigint, Place>([
  ...scalars.map(([name, place]) => [registerNamed(name), place] as const),
  ...vectors,
]);
const vectorIds = vectors.map(([id]) => id);
const savedAt = scalars.findIndex(([name]) => name === "SPSR_EL1") + 1;
const scalarIds = scalars.map(([name]) => registerNamed(name)).toSpliced(savedAt, 0, ...aarch32);

export class CoreRegisters implements RegisterFamily {
  readonly #aarch32 = new Map<bigint, bigint>();

  constructor(readonly state: CpuState, readonly options: CoreOptions) {
    for (const place of places.values()) place.set(state, 0n);
    places.get(PSTATE)!.set(state, options.isAArch32 ? AArch32SupervisorMasked : EL1hMasked);
  }

  list(): RegisterId[] {
    return this.options.hasSve ? scalarIds : [...scalarIds, ...vectorIds];
  }

  get(id: RegisterId): bigint | number {
    const refusal = this.#refusal(id);
    if (refusal) return -refusal;
    return places.get(id)?.get(this.state) ?? this.#aarch32.get(id) ?? 0n;
  }

  set(id: RegisterId, value: bigint): number {
    const refusal = this.#refusal(id) ?? (id === PSTATE ? this.#refuseMode(value) : undefined);
    if (refusal) return -refusal;
    const place = places.get(id);
    if (place) place.set(this.state, value);
    else this.#aarch32.set(id, value);
    return 0;
  }

  #refusal(id: RegisterId): number | undefined {
    if (wordOf(id) + Math.max(1, registerSize(id) / 4) >= structWords) return errno.ENOENT;
    const isThere = scalarIds.includes(id) || !this.options.hasSve && vectorIds.includes(id);
    return isThere ? undefined : errno.EINVAL;
  }

  #refuseMode(value: bigint): number | undefined {
    const mode = Number(value & modeField);
    const { isAArch32, hasAArch32User } = this.options;
    const isFitting = mode === modes.AArch32User
      ? hasAArch32User
      : aarch32Privileged.includes(mode)
      ? isAArch32
      : !isAArch32 && (mode === modes.EL0t || mode === modes.EL1t || mode === modes.EL1h);
    return isFitting ? undefined : errno.EINVAL;
  }
}

const wordOf = (id: RegisterId) => Number(id & offsetBits);
