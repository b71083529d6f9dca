// What a running vcpu's hypercalls reach.

import { guestRealTime } from "./guest_time.ts";
import type { HypercallHost } from "./hypercall.ts";
import type { VcpuShare, VmShare } from "./machine_share.ts";
import type { Power } from "./power.ts";
import type { FillRandom } from "./seeded_random.ts";
import type { Timers } from "./timers.ts";
import type { FirmwareNow } from "./vm_now.ts";

/** But for the firmware's settings, which can change. */
export const hypercallHost = (
  vm: VmShare,
  vcpu: VcpuShare,
  power: Power,
  timers: Timers,
  fillRandom: FillRandom,
): Omit<HypercallHost, keyof FirmwareNow> => ({
  vcpu: vcpu.index,
  power,
  stolenTime: () => vcpu.stolenTime,
  fillRandom,
  realTime: () => vm.seed === undefined ? BigInt(Date.now()) * 1_000_000n : guestRealTime(timers.clock()),
  counter: (isPhysical) => timers.count(isPhysical ? "CNTP" : "CNTV"),
});
