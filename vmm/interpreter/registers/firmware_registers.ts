// The firmware pseudo-registers, one set for a whole VM: the PSCI version, the state of workarounds, and the
// bitmaps of hypercalls (kernel document "ARM firmware pseudo-registers interface").

import { errno } from "../../kvm/errno.ts";
import { type RegisterId, registerNamed } from "../../kvm/register_id.ts";
import type { RegisterFamily } from "./family.ts";

const VERSION = registerNamed("KVM_REG_ARM_PSCI_VERSION");
const firstVersion = 0x1n;
const latestVersion = 0x1_0001n;
const laterVersions = [0x2n, 0x1_0000n, latestVersion];

/** What the test bed's kernel says: the first is not required, of the others it has none. */
const workarounds = new Map<bigint, bigint>([
  [registerNamed("KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1"), 2n],
  [registerNamed("KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2"), 0n],
  [registerNamed("KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3"), 0n],
]);

/** Every hypercall Linux 6.12 serves: TRNG; stolen time; the vendor's features and PTP. */
const everyHypercall = new Map<bigint, bigint>([
  [registerNamed("KVM_REG_ARM_STD_BMAP"), 0x1n],
  [registerNamed("KVM_REG_ARM_STD_HYP_BMAP"), 0x1n],
  [registerNamed("KVM_REG_ARM_VENDOR_HYP_BMAP"), 0x3n],
]);

/** What a VM's vcpus have in common of it. */
export class Firmware {
  #version = latestVersion;
  readonly hypercalls = new Map(everyHypercall);

  /** @param changed is called when anything of it has changed */
  constructor(readonly changed: () => void) {}

  /** @param hasPsci02 whether its vcpus have KVM_ARM_VCPU_PSCI_0_2 */
  versionOf(hasPsci02: boolean): bigint {
    return hasPsci02 ? this.#version : firstVersion;
  }

  set version(version: bigint) {
    this.#version = version;
    this.changed();
  }

  setHypercalls(id: bigint, bits: bigint) {
    this.hypercalls.set(id, bits);
    this.changed();
  }
}

export class FirmwareRegisters implements RegisterFamily {
  /** @param hasPsci02 whether the vcpu has KVM_ARM_VCPU_PSCI_0_2 */
  constructor(readonly firmware: Firmware, readonly hasPsci02: boolean, readonly hasRun: () => boolean) {}

  list(): RegisterId[] {
    return [VERSION, ...workarounds.keys(), ...everyHypercall.keys()] as RegisterId[];
  }

  get(id: RegisterId): bigint | number {
    if (id === VERSION) return this.firmware.versionOf(this.hasPsci02);
    return workarounds.get(id) ?? this.firmware.hypercalls.get(id) ?? -errno.ENOENT;
  }

  set(id: RegisterId, value: bigint): number {
    if (id === VERSION) return this.#setVersion(value);
    const state = workarounds.get(id);
    // A state may be claimed to be worse than it is, not better.
    if (state !== undefined) return value <= state ? 0 : -errno.EINVAL;
    return this.#setHypercalls(id, value);
  }

  #setVersion(version: bigint): number {
    const fitting = this.hasPsci02 ? laterVersions : [firstVersion];
    if (!fitting.includes(version)) return -errno.EINVAL;
    if (this.hasPsci02) this.firmware.version = version;
    return 0;
  }

  #setHypercalls(id: RegisterId, bits: bigint): number {
    const every = everyHypercall.get(id);
    if (every === undefined) return -errno.ENOENT;
    if (bits & ~every) return -errno.EINVAL;
    if (this.hasRun() && bits !== this.firmware.hypercalls.get(id)) return -errno.EBUSY;
    this.firmware.setHypercalls(id, bits);
    return 0;
  }
}
