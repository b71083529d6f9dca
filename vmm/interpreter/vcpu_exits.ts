// How a vcpu leaves KVM_RUN for its monitor, and how it goes on with what the monitor answered (KVM document, "5. The
// kvm_run structure").

import { errno } from "../kvm/errno.ts";
import { internalErrors } from "../kvm/run_page.ts";
import type { AccessSize, Cpu } from "./a64/cpu.ts";
import { lastException } from "./a64/exception_history.ts";
import type { GuestException } from "./a64/guest_exception.ts";
import type { Region } from "./a64/physical_memory.ts";
import { faultAt, faultStatus } from "./a64/translation_table_walk.ts";
import { type DeviceAccess, deviceAccess } from "./device_access.ts";
import type { ExitPage } from "./exit_page.ts";
import type { SystemEvent } from "./hypercall.ts";
import type { VmShare } from "./machine_share.ts";

/** Thrown out of the engine where the monitor has to do something first. */
export const leaving = Symbol("leaving the engine");

interface Parts {
  readonly vm: VmShare;
  readonly page: ExitPage;
  readonly cpu: () => Cpu;
  /** The instruction that is executed. */
  readonly word: () => number;
  /** KVM_CAP_ARM_NISV_TO_USER is enabled. */
  readonly givesNisv: () => boolean;
}

export class VcpuExits {
  /** Whether the guest was ever left by an instruction: an injected abort's IL is that of the last syndrome. */
  hasTrapped = false;
  /** The answer of KVM_RUN once the engine has been left. */
  answer: number | undefined;
  /** A read that the monitor answers, or a write that it takes note of. */
  #awaited: DeviceAccess | undefined;

  constructor(readonly parts: Parts) {}

  forDebugger(exception: GuestException): never {
    this.parts.page.debug(exception);
    this.answer = 0;
    throw leaving;
  }

  /** The instruction is done: nothing is thrown. */
  forEvent(event: SystemEvent) {
    this.hasTrapped = true;
    this.parts.page.systemEvent(event);
    this.answer = 0;
  }

  /** The engine goes on to the end of its slice. */
  forGood(cpu: Cpu) {
    const { esr, far, pc, vector } = lastException(cpu);
    const data = [BigInt(esr), far, pc, vector];
    this.parts.page.internalError(internalErrors.KVM_INTERNAL_ERROR_DELIVERY_EV, data);
    this.answer = 0;
  }

  /** @param value of a write */
  forDevice(address: number, bytes: AccessSize, value: bigint | undefined): never {
    this.hasTrapped = true;
    this.#checkAddress(address, value !== undefined);
    const { page, word, givesNisv, cpu } = this.parts;
    const access = deviceAccess(word());
    if (access && access.isWrite === (value !== undefined)) {
      page.mmio(address, bytes, value);
      this.#awaited = access;
      this.answer = 0;
    } else if (givesNisv()) {
      const status = stage2Fault(cpu().memory.regions, address);
      page.nisv(status | (value === undefined ? 0 : 1 << 6), address);
      this.answer = 0;
    } else {
      this.answer = -errno.ENOSYS;
    }
    throw leaving;
  }

  /** What lies beyond the address bits of the host or the VM is an abort of the guest's own. */
  #checkAddress(address: number, isWrite: boolean) {
    const { vm } = this.parts;
    const cpu = this.parts.cpu();
    if (address >= 2 ** vm.profile.ipaBits) {
      throw cpu.dataAbort(faultAt(faultStatus.addressSize, 0), isWrite, cpu.deviceAddress);
    }
    if (address >= 2 ** vm.ipaBits) throw cpu.dataAbort(faultStatus.external, isWrite, cpu.deviceAddress);
  }

  /** Completes the instruction whose access the monitor has served; answers whether there was one. */
  finishAccess(): boolean {
    const access = this.#awaited;
    if (!access) return false;
    this.#awaited = undefined;
    const cpu = this.parts.cpu();
    if (!access.isWrite) cpu.writeX(access.register, this.parts.page.mmioAnswer(access.bytes));
    cpu.pc += 4n;
    return true;
  }
}

/** ESR_EL2.DFSC where nothing is mapped: at which level of tables of 4 KiB that is told from what there is. */
function stage2Fault(regions: readonly Region[], address: number): number {
  const translationFault = 0x04;
  const isNear = (bytes: number) =>
    regions.some(({ base, size }) =>
      base < (Math.floor(address / bytes) + 1) * bytes && base + size > address - address % bytes
    );
  if (!isNear(2 ** 30)) return translationFault | 1;
  return translationFault | (isNear(2 ** 21) ? 3 : 2);
}
