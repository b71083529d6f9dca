// The calls that the system's descriptor takes, as /dev/kvm does.

import { errno } from "../kvm/errno.ts";
import * as calls from "../kvm/ioctls.ts";
import { callTable, onInteger, onNothing } from "./calls.ts";
import type { Arena } from "./arena.ts";
import type { Clock } from "./clock.ts";
import type { Descriptors, Handle } from "./descriptors.ts";
import { checkExtension } from "./host_capabilities.ts";
import type { HostProfile } from "./host_profile.ts";
import { runPageSize } from "./virtual_cpu.ts";
import type { Threads } from "./threads.ts";
import { VirtualMachine } from "./virtual_machine.ts";
import { vmHandle } from "./vm_calls.ts";

const apiVersion = 12;
/** Bits of guest-physical address. */
const defaultIpaBits = 40, leastIpaBits = 32;

export function systemHandle(
  profile: HostProfile,
  arena: Arena,
  descriptors: Descriptors,
  clock: Clock,
  threads: () => Threads,
  seed?: number,
): Handle {
  return {
    kind: "system",
    unknownCall: errno.EINVAL,
    calls: callTable([
      [calls.KVM_GET_API_VERSION, onNothing(() => apiVersion)],
      [calls.KVM_GET_VCPU_MMAP_SIZE, onNothing(() => runPageSize)],
      [calls.KVM_CHECK_EXTENSION, onInteger((number) => checkExtension(profile, number))],
      [
        calls.KVM_CREATE_VM,
        onInteger((type) => {
          const ipaBits = type || defaultIpaBits;
          if (ipaBits < leastIpaBits || ipaBits > profile.ipaBits) return -errno.EINVAL;
          return descriptors.open(
            vmHandle(
              new VirtualMachine(profile, ipaBits, arena, descriptors, clock, seed),
              descriptors,
              threads,
            ),
          );
        }),
      ],
    ]),
  };
}
