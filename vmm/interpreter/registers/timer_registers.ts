// The registers of a vcpu's virtual and physical timers, as KVM gives them ids (KVM document, "4.68
// KVM_SET_ONE_REG"; Arm DDI 0487, "The Generic Timer in AArch64 state").

import { errno } from "../../kvm/errno.ts";
import { type RegisterId, registerNamed } from "../../kvm/register_id.ts";
import type { Clock } from "../clock.ts";
import type { RegisterFamily } from "./family.ts";

const ISTATUS = 1n << 2n;
const counterMask = (1n << 64n) - 1n;

/** By how much the counters of a VM's guests are behind the host's. */
export class CounterOffsets {
  physical = 0n;
  virtual: bigint;

  constructor(readonly clock: Clock) {
    this.virtual = clock();
  }
}

interface Timer {
  readonly counter: keyof Pick<CounterOffsets, "physical" | "virtual">;
  control: bigint;
  compare: bigint;
}

type Part = "CTL" | "CVAL" | "CNT";

const names: readonly [RegisterId, number, Part][] = [
  [registerNamed("KVM_REG_ARM_TIMER_CTL"), 0, "CTL"],
  [registerNamed("KVM_REG_ARM_TIMER_CNT"), 0, "CNT"],
  [registerNamed("KVM_REG_ARM_TIMER_CVAL"), 0, "CVAL"],
  [registerNamed("KVM_REG_ARM_PTIMER_CTL"), 1, "CTL"],
  [registerNamed("KVM_REG_ARM_PTIMER_CNT"), 1, "CNT"],
  [registerNamed("KVM_REG_ARM_PTIMER_CVAL"), 1, "CVAL"],
];
const rows = new Map<bigint, readonly [number, Part]>(names.map(([id, timer, part]) => [id, [timer, part]]));

export const isTimerRegister = (id: RegisterId) => rows.has(id);

export class TimerRegisters implements RegisterFamily {
  readonly #timers: readonly Timer[] = [
    { counter: "virtual", control: 0n, compare: 0n },
    { counter: "physical", control: 0n, compare: 0n },
  ];

  constructor(readonly offsets: CounterOffsets) {}

  /** KVM_ARM_VCPU_INIT again: the timers are off, their comparison values stay. */
  reset() {
    this.#timers.forEach((timer) => timer.control = 0n);
  }

  list(): RegisterId[] {
    return names.map(([id]) => id);
  }

  get(id: RegisterId): bigint | number {
    const [timer, part] = this.#find(id);
    if (!timer) return -errno.ENOENT;
    if (part === "CVAL") return timer.compare;
    const count = this.offsets.clock() - this.offsets[timer.counter] & counterMask;
    if (part === "CNT") return count;
    return timer.control | (timer.compare <= count ? ISTATUS : 0n);
  }

  set(id: RegisterId, value: bigint): number {
    const [timer, part] = this.#find(id);
    if (!timer) return -errno.ENOENT;
    if (part === "CTL") timer.control = value & ~ISTATUS;
    else if (part === "CVAL") timer.compare = value;
    else this.offsets[timer.counter] = this.offsets.clock() - value;
    return 0;
  }

  #find(id: RegisterId): [Timer, Part] | [] {
    const row = rows.get(id);
    return row ? [this.#timers[row[0]]!, row[1]] : [];
  }
}
