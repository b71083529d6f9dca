// The core registers: general-purpose, PSTATE and floating-point state, in the bytes of struct kvm_regs
// (KVM document, "4.68 KVM_SET_ONE_REG").

import { errno } from "../../kvm/errno.ts";
import { type RegisterId, registerNamed, registerSize } from "../../kvm/register_id.ts";
import type { RegisterFamily } from "./family.ts";

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => prefix + n);
const general = [...numbered("X", 31), "SP", "PC", "PSTATE", "SP_EL1", "ELR_EL1"];
const saved = ["SPSR_EL1", "SPSR_ABT", "SPSR_UND", "SPSR_IRQ", "SPSR_FIQ"];
const vectors = numbered("V", 32).map(registerNamed);
const scalars = [...general, ...saved, "FPSR", "FPCR"].map(registerNamed);
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

export interface CoreOptions {
  readonly hasSve: boolean;
  readonly isAArch32: boolean;
  /** Whether the host's EL0 can run AArch32. */
  readonly hasAArch32User: boolean;
}

export class CoreRegisters implements RegisterFamily {
  readonly #words = new DataView(new ArrayBuffer(4 * structWords));

  constructor(readonly options: CoreOptions) {
    this.#write(PSTATE, options.isAArch32 ? AArch32SupervisorMasked : EL1hMasked);
  }

  list(): RegisterId[] {
    return this.options.hasSve ? scalars : [...scalars, ...vectors];
  }

  get(id: RegisterId): bigint | number {
    const refusal = this.#refusal(id);
    if (refusal) return -refusal;
    const at = 4 * wordOf(id);
    let value = 0n;
    for (let byte = registerSize(id) - 4; byte >= 0; byte -= 4) {
      value = value << 32n | BigInt(this.#words.getUint32(at + byte, true));
    }
    return value;
  }

  set(id: RegisterId, value: bigint): number {
    const refusal = this.#refusal(id) ?? (id === PSTATE ? this.#refuseMode(value) : undefined);
    if (refusal) return -refusal;
    this.#write(id, value);
    return 0;
  }

  #write(id: RegisterId, value: bigint) {
    const at = 4 * wordOf(id);
    for (let byte = 0; byte < registerSize(id); byte += 4) {
      this.#words.setUint32(at + byte, Number(value >> BigInt(8 * byte) & 0xffff_ffffn), true);
    }
  }

  #refusal(id: RegisterId): number | undefined {
    if (wordOf(id) + Math.max(1, registerSize(id) / 4) >= structWords) return errno.ENOENT;
    const isThere = scalars.includes(id) || !this.options.hasSve && vectors.includes(id);
    return isThere ? undefined : errno.EINVAL;
  }

  #refuseMode(pstate: bigint): number | undefined {
    const mode = Number(pstate & modeField);
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
