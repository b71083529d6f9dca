// How a call's argument reaches its handler: nothing, an integer, or a structure that has been unpacked.

import { errno } from "../kvm/errno.ts";
import type { Ioctl } from "../kvm/ioctl.ts";
import type { Struct } from "../kvm/struct.ts";
import type { Handler } from "./descriptors.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** A call whose argument must be zero. */
export function onNothing(answer: () => number): Handler {
  return (argument) => argument === 0 ? answer() : -errno.EINVAL;
}

export function onInteger(answer: (value: number) => number): Handler {
  return (argument) => typeof argument === "number" ? answer(argument) : -errno.EINVAL;
}

/** A call whose argument is a structure's bytes; an integer there points to nothing. */
export function onStruct<V>(
  layout: Struct<V>,
  answer: (value: V, bytes: Bytes, pointee?: Bytes) => number,
): Handler {
  return (argument, pointee) =>
    typeof argument === "number" ? -errno.EFAULT : answer(layout.unpack(argument), argument, pointee);
}

/** A call that gives a structure. */
export function onAnswer<V>(layout: Struct<V>, answer: () => Partial<V>): Handler {
  return onStruct(layout, (_, bytes) => {
    bytes.set(layout.pack(answer()));
    return 0;
  });
}

export function callTable(rows: readonly (readonly [Ioctl, Handler])[]): Map<number, Handler> {
  return new Map(rows.map(([ioctl, handler]) => [ioctl.number, handler]));
}
