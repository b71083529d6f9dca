// The registers of a vcpu's virtual and physical timers, as KVM gives them ids (KVM document, "4.68
// KVM_SET_ONE_REG"; Arm DDI 0487, "The Generic Timer in AArch64 state").

import { errno } from "../../kvm/errno.ts";
import { type RegisterId, registerNamed } from "../../kvm/register_id.ts";
import type { Clock } from "../clock.ts";
import { type TimerName, Timers, timerStateBytes } from "../timers.ts";
import type { RegisterFamily } from "./family.ts";

/** As many as a VM can have. */
const mostVcpus = 512;

/** The timers of a VM's vcpus, and by how much its guests' counters are behind the host's. */
export class CounterOffsets {
  /** To be handed to every thread that runs one of the vcpus. */
  readonly state = new SharedArrayBuffer(timerStateBytes(mostVcpus));
  readonly timers: Timers;
  #slots = 0;

  constructor(readonly clock: Clock) {
    this.timers = new Timers(this.state, clock);
    this.timers.setOffset("CNTV", clock());
  }

  /** The next vcpu's place among the timers, in the order they are made. */
  takeSlot(): number {
    return this.#slots++;
  }
}

type Part = "CTL" | "CVAL" | "CNT";

const names: readonly [RegisterId, TimerName, Part][] = [
  [registerNamed("KVM_REG_ARM_TIMER_CTL"), "CNTV", "CTL"],
  [registerNamed("KVM_REG_ARM_TIMER_CNT"), "CNTV", "CNT"],
  [registerNamed("KVM_REG_ARM_TIMER_CVAL"), "CNTV", "CVAL"],
  [registerNamed("KVM_REG_ARM_PTIMER_CTL"), "CNTP", "CTL"],
  [registerNamed("KVM_REG_ARM_PTIMER_CNT"), "CNTP", "CNT"],
  [registerNamed("KVM_REG_ARM_PTIMER_CVAL"), "CNTP", "CVAL"],
];
const rows = new Map<bigint, readonly [TimerName, Part]>(
  names.map(([id, timer, part]) => [id, [timer, part]]),
);

export const isTimerRegister = (id: RegisterId) => rows.has(id);

export class TimerRegisters implements RegisterFamily {
  /** @param slot this vcpu's place among the timers */
  constructor(readonly offsets: CounterOffsets, readonly slot = offsets.takeSlot()) {}

  /** KVM_ARM_VCPU_INIT again: the timers are off, their comparison values stay. */
  reset() {
    this.offsets.timers.reset(this.slot);
  }

  list(): RegisterId[] {
    return names.map(([id]) => id);
  }

  get(id: RegisterId): bigint | number {
    const row = rows.get(id);
    if (!row) return -errno.ENOENT;
    const [timer, part] = row;
    return part === "CNT"
      ? this.offsets.timers.count(timer)
      : this.offsets.timers.read(this.slot, timer, part);
  }

  set(id: RegisterId, value: bigint): number {
    const row = rows.get(id);
    if (!row) return -errno.ENOENT;
    const [timer, part] = row;
    const { timers, clock } = this.offsets;
    if (part === "CNT") timers.setOffset(timer, clock() - value);
    else timers.write(this.slot, timer, part, value);
    return 0;
  }
}
