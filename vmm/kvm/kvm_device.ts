// Handles with attributes: in-kernel devices, and vcpus, which have some of their own.

import { errno } from "./errno.ts";
import { type Bytes, KvmHandle } from "./handle.ts";
import * as calls from "./ioctls.ts";
import { KvmError } from "./kvm_error.ts";
import * as layout from "./structs.ts";

/** Something with KVM_SET_DEVICE_ATTR and its kin: an in-kernel device, or a vcpu's own attributes. */
export abstract class WithAttributes extends KvmHandle {
  hasAttribute(group: number, attr: number | bigint): boolean {
    const argument = layout.kvm_device_attr.pack({ group, attr: BigInt(attr) });
    const answer = this.backend.ioctl(this.fd, calls.KVM_HAS_DEVICE_ATTR, argument);
    if (answer < 0 && answer !== -errno.ENXIO) {
      throw new KvmError(calls.KVM_HAS_DEVICE_ATTR, -answer, this.#describe("asking for", group, attr));
    }
    return answer === 0;
  }

  /** @param value the attribute's bytes, of the size its documentation gives; none for a command */
  setAttribute(group: number, attr: number | bigint, value: Bytes = new Uint8Array(0)) {
    const argument = layout.kvm_device_attr.pack({ group, attr: BigInt(attr) });
    this.call(calls.KVM_SET_DEVICE_ATTR, argument, this.#describe("setting", group, attr), value);
  }

  /** @param size bytes of the attribute, as its documentation gives */
  getAttribute(group: number, attr: number | bigint, size: number): Bytes {
    const value = new Uint8Array(new ArrayBuffer(size));
    const argument = layout.kvm_device_attr.pack({ group, attr: BigInt(attr) });
    this.call(calls.KVM_GET_DEVICE_ATTR, argument, this.#describe("reading", group, attr), value);
    return value;
  }

  #describe(verb: string, group: number, attr: number | bigint): string {
    return `${verb} attribute ${attr} of group ${group} of ${this.label}`;
  }
}

export class KvmDevice extends WithAttributes {}
