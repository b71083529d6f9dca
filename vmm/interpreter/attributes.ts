// KVM_SET_DEVICE_ATTR and its kin, for whatever has attributes (KVM document, "4.80 KVM_SET_DEVICE_ATTR").

import { errno } from "../kvm/errno.ts";
import * as calls from "../kvm/ioctls.ts";
import { kvm_device_attr } from "../kvm/structs.ts";
import { type Bytes, onStruct } from "./calls.ts";
import type { Handler } from "./descriptors.ts";

/** Each method answers 0 or minus an error number; a value that is missing points to nothing. */
export interface WithAttributes {
  hasAttribute(group: number, attr: bigint): number;
  setAttribute(group: number, attr: bigint, value?: Bytes): number;
  getAttribute(group: number, attr: bigint, room?: Bytes): number;
}

export function attributeCalls(owner: WithAttributes): [typeof calls.KVM_HAS_DEVICE_ATTR, Handler][] {
  return [
    [
      calls.KVM_HAS_DEVICE_ATTR,
      onStruct(kvm_device_attr, ({ group, attr }) => owner.hasAttribute(group, attr)),
    ],
    [
      calls.KVM_SET_DEVICE_ATTR,
      onStruct(kvm_device_attr, ({ group, attr }, _, value) => owner.setAttribute(group, attr, value)),
    ],
    [
      calls.KVM_GET_DEVICE_ATTR,
      onStruct(kvm_device_attr, ({ group, attr }, _, room) => owner.getAttribute(group, attr, room)),
    ],
  ];
}

const viewOf = (bytes: Bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** An attribute of 32 bits as the monitor gives it, to `take`. */
export function takeU32(value: Bytes | undefined, take: (word: number) => number): number {
  return value && value.length >= 4 ? take(viewOf(value).getUint32(0, true)) : -errno.EFAULT;
}

export function takeU64(value: Bytes | undefined, take: (word: bigint) => number): number {
  return value && value.length >= 8 ? take(viewOf(value).getBigUint64(0, true)) : -errno.EFAULT;
}

export function giveU32(room: Bytes | undefined, word: number): number {
  if (!room || room.length < 4) return -errno.EFAULT;
  viewOf(room).setUint32(0, word, true);
  return 0;
}

export function giveU64(room: Bytes | undefined, word: bigint): number {
  if (!room || room.length < 8) return -errno.EFAULT;
  viewOf(room).setBigUint64(0, word, true);
  return 0;
}
