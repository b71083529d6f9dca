// The system handle: one typed method per ioctl of `/dev/kvm` itself.

import type { Backend } from "./backend.ts";
import { capabilities, type Capability, capabilityName } from "./capabilities.ts";
import { KvmHandle } from "./handle.ts";
import * as calls from "./ioctls.ts";
import { RequestError } from "./request_error.ts";
import { Vm } from "./vm.ts";

const theOnlyApiVersion = 12;

/** `/dev/kvm`, or what stands in for it. */
export class Kvm extends KvmHandle {
  /** Throws RequestError when this machine does not have what the backend needs, or it is not arm64's. */
  static open(backend: Backend): Kvm {
    const kvm = new Kvm(backend, backend.openSystem(), "system");
    const refusal = kvm.#whyUnfit();
    if (!refusal) return kvm;
    kvm.close();
    throw new RequestError("backend", refusal);
  }

  #whyUnfit(): string | undefined {
    const version = this.apiVersion();
    if (version !== theOnlyApiVersion) {
      return `/dev/kvm speaks version ${version} of the KVM API, and ${theOnlyApiVersion} is the only one in use`;
    }
    // Every arm64 KVM has this capability, and no other architecture's does.
    if (this.checkExtension("KVM_CAP_ARM_PSCI_0_2")) return undefined;
    return `/dev/kvm is there, but it is ${Deno.build.arch}'s: KVM runs guests of the host's own ` +
      "architecture, so an arm64 guest needs an arm64 host";
  }

  apiVersion(): number {
    return this.call(calls.KVM_GET_API_VERSION, 0, "asking for the API's version");
  }

  /** 0 where the capability is not there; else 1, or how much of it there is. */
  checkExtension(capability: Capability): number {
    return this.checkExtensionNumber(capabilities[capability].number);
  }

  /** The same of any capability, by its number. */
  checkExtensionNumber(number: number): number {
    return this.call(calls.KVM_CHECK_EXTENSION, number, `asking for ${capabilityName(number)}`);
  }

  /** Bytes. */
  vcpuMmapSize(): number {
    return this.call(calls.KVM_GET_VCPU_MMAP_SIZE, 0, "asking for the size of kvm_run");
  }

  /** @param ipaBits bits of guest-physical address; 0 stands for the API's default of 40 */
  createVm(ipaBits = 0): Vm {
    const fd = this.call(calls.KVM_CREATE_VM, ipaBits, `creating a VM of ${ipaBits || 40} address bits`);
    return new Vm(this.backend, fd, "VM", this.vcpuMmapSize());
  }
}
