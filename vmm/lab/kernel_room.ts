// Bytes that the kernel is pointed to by a call that a user wrote: at least as many as it may read or write there,
// whatever the user says, for it would go on beyond them.

import type { Bytes } from "../kvm/handle.ts";
import type { Ioctl } from "../kvm/ioctl.ts";
import * as calls from "../kvm/ioctls.ts";
import { registerIdOf, registerSize } from "../kvm/register_id.ts";
import * as layout from "../kvm/structs.ts";
import { featureIdRange } from "../kvm/vm.ts";

const pageSize = 4096;

/** Bytes of a slot's bitmap of written pages. */
export const bitmapSize = (slotSize: number) => 8 * Math.ceil(slotSize / pageSize / 64);

/** Of an attribute, which is 32 or 64 bits, or a structure of a few words. */
const attributeRoom = 64;

/**
 * A copy of what the call points to, as long as the call makes it, or with room behind it where that is not told.
 * @param largestSlot bytes of the VM's largest memory slot
 */
export function withKernelRoom(ioctl: Ioctl, argument: Bytes, pointee: Bytes, largestSlot: number): Bytes {
  const length = Math.max(pointee.length, lengthOf(ioctl, argument, largestSlot) ?? 0);
  const copy = new Uint8Array(new ArrayBuffer(Math.max(attributeRoom, length)), 0, length);
  copy.set(pointee);
  return copy;
}

function lengthOf(ioctl: Ioctl, argument: Bytes, largestSlot: number): number | undefined {
  switch (ioctl) {
    case calls.KVM_GET_ONE_REG:
    case calls.KVM_SET_ONE_REG:
      return registerSize(registerIdOf(layout.kvm_one_reg.unpack(argument).id));
    case calls.KVM_GET_DIRTY_LOG:
      return bitmapSize(largestSlot);
    case calls.KVM_ARM_GET_REG_WRITABLE_MASKS:
      return 8 * featureIdRange.length;
    default:
      return undefined;
  }
}

/** Where a call's structure points to nothing that is given, it must point nowhere: the user has no addresses here. */
export function withoutPointer(ioctl: Ioctl, argument: Bytes): Bytes {
  if (ioctl.pointer === undefined || typeof ioctl.argument !== "object") return argument;
  const copy = argument.slice();
  new DataView(copy.buffer).setBigUint64(ioctl.argument.offsets[ioctl.pointer]!, 0n, true);
  return copy;
}
