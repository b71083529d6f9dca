// Run pages as KVM leaves them on an exit (linux/kvm.h, struct kvm_run).

import { exitReasons, RunPage } from "../../../vmm/kvm/run_page.ts";
import { exits, kvm_run } from "../../../vmm/kvm/structs.ts";
import type { Access } from "./isolate.ts";

export const pageSize = 4096;

/** Makes the page tell of this access. */
export function putMmio(page: ArrayBuffer, { address, width, data }: Access) {
  const view = new DataView(page);
  view.setUint32(kvm_run.offsets.exit_reason, exitReasons.KVM_EXIT_MMIO, true);
  const words = new Uint8Array(Uint32Array.from(data ?? [0, 0]).buffer);
  exits.mmio.write(view, kvm_run.size, {
    phys_addr: BigInt(address),
    data: [...words],
    len: width,
    is_write: data ? 1 : 0,
  });
}

export function mmioPage(access: Access): RunPage {
  const buffer = new ArrayBuffer(pageSize);
  putMmio(buffer, access);
  return new RunPage(buffer);
}

/** Makes the page tell of an exit of another kind. */
export function putExit<V>(
  page: ArrayBuffer,
  reason: number,
  struct?: { write(view: DataView, offset: number, value: V): void },
  value?: V,
) {
  const view = new DataView(page);
  view.setUint32(kvm_run.offsets.exit_reason, reason, true);
  if (struct && value !== undefined) struct.write(view, kvm_run.size, value);
}
