// Exits as the kernel leaves them in a vcpu's shared page (KVM document, "5. The kvm_run structure").

import { exitReasons, systemEvents } from "../kvm/run_page.ts";
import { exits, kvm_run } from "../kvm/structs.ts";
import type { GuestException } from "./a64/guest_exception.ts";
import type { SystemEvent } from "./hypercall.ts";

/** arm64's asm/kvm.h: in kvm_run's flags, that hsr_high is told. */
const KVM_DEBUG_ARCH_HSR_HIGH_VALID = 1;

const dataAt = kvm_run.size + exits.mmio.offsets.data;

export class ExitPage {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(buffer: ArrayBufferLike) {
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  get isToReturn(): boolean {
    return Atomics.load(this.#bytes, kvm_run.offsets.immediate_exit) !== 0;
  }

  set reason(value: number) {
    this.#view.setUint32(kvm_run.offsets.exit_reason, value, true);
  }

  /** @param data of a write */
  mmio(address: number, bytes: number, data: bigint | undefined) {
    this.reason = exitReasons.KVM_EXIT_MMIO;
    const at = kvm_run.size + exits.mmio.offsets.phys_addr;
    this.#view.setBigUint64(at, BigInt(address), true);
    this.#view.setBigUint64(dataAt, data ?? 0n, true);
    this.#view.setUint32(kvm_run.size + exits.mmio.offsets.len, bytes, true);
    this.#view.setUint8(kvm_run.size + exits.mmio.offsets.is_write, data === undefined ? 0 : 1);
  }

  /** What the monitor answered a read of so many bytes with. */
  mmioAnswer(bytes: number): bigint {
    return BigInt.asUintN(8 * bytes, this.#view.getBigUint64(dataAt, true));
  }

  nisv(iss: number, address: number) {
    this.reason = exitReasons.KVM_EXIT_ARM_NISV;
    exits.arm_nisv.write(this.#view, kvm_run.size, { esr_iss: BigInt(iss), fault_ipa: BigInt(address) });
  }

  debug({ ec, iss, faultAddress = 0n }: GuestException) {
    this.reason = exitReasons.KVM_EXIT_DEBUG;
    this.#view.setUint16(kvm_run.offsets.flags, KVM_DEBUG_ARCH_HSR_HIGH_VALID, true);
    const IL = 1 << 25;
    exits.debug.write(this.#view, kvm_run.size, {
      hsr: (ec << 26 | IL | iss) >>> 0,
      hsr_high: 0,
      far: faultAddress,
    });
  }

  internalError(suberror: number, data: readonly bigint[]) {
    this.reason = exitReasons.KVM_EXIT_INTERNAL_ERROR;
    const words = Array.from({ length: 16 }, (_, n) => data[n] ?? 0n);
    exits.internal.write(this.#view, kvm_run.size, { suberror, ndata: data.length, data: words });
  }

  systemEvent({ type, data }: SystemEvent) {
    this.reason = exitReasons.KVM_EXIT_SYSTEM_EVENT;
    const words = Array.from({ length: 16 }, (_, n) => data[n] ?? 0n);
    exits.system_event.write(this.#view, kvm_run.size, {
      type: systemEvents[type],
      ndata: data.length,
      data: words,
    });
  }
}
