// What a running vcpu's hypercalls reach.

import type { HypercallHost } from "./hypercall.ts";
import type { VcpuShare } from "./machine_share.ts";
import type { Power } from "./power.ts";
import type { Timers } from "./timers.ts";
import type { FirmwareNow } from "./vm_now.ts";

/** But for the firmware's settings, which can change. */
export const hypercallHost = (
  vcpu: VcpuShare,
  power: Power,
  timers: Timers,
): Omit<HypercallHost, keyof FirmwareNow> => ({
  vcpu: vcpu.index,
  power,
  stolenTime: () => vcpu.stolenTime,
  fillRandom: (bytes) => void crypto.getRandomValues(bytes),
  realTime: () => BigInt(Date.now()) * 1_000_000n,
  counter: (isPhysical) => timers.count(isPhysical ? "CNTP" : "CNTV"),
});
