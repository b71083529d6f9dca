// What a running vcpu's hypercalls reach.

import type { HypercallHost } from "./hypercall.ts";
import type { VcpuShare, VmShare } from "./machine_share.ts";
import type { Power } from "./power.ts";
import type { Timers } from "./timers.ts";

export const hypercallHost = (vm: VmShare, vcpu: VcpuShare, power: Power, timers: Timers): HypercallHost => ({
  ...vm.firmware,
  vcpu: vcpu.index,
  power,
  stolenTime: () => vcpu.stolenTime,
  fillRandom: (bytes) => void crypto.getRandomValues(bytes),
  realTime: () => BigInt(Date.now()) * 1_000_000n,
  counter: (isPhysical) => timers.count(isPhysical ? "CNTP" : "CNTV"),
});
