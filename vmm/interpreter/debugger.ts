// A vcpu whose instructions are run one by one: for its guest's software step and breakpoints, or for a monitor
// that debugs it (Arm DDI 0487, "Software Step exceptions"; KVM document, "4.87 KVM_SET_GUEST_DEBUG").

import type { Cpu } from "./a64/cpu.ts";
import { breakpointHere, isDebugClass, softwareStep } from "./a64/debug_exceptions.ts";
import { debugChanged, isSoftwareStep, type Monitor } from "./a64/debug_unit.ts";
import type { Engine } from "./a64/engine.ts";
import { enterException } from "./a64/exceptions.ts";
import type { GuestException } from "./a64/guest_exception.ts";
import { PSTATE } from "./a64/pstate.ts";
import { debugControl } from "../kvm/vcpu.ts";
import type { GuestDebug } from "./vcpu_state.ts";

export class Debugger {
  /** The instruction that a step, which is not over yet, has run. */
  #stepped: number | undefined;

  /** @param leave ends KVM_RUN with the exception; it throws or returns */
  constructor(
    readonly cpu: Cpu,
    readonly engine: Engine,
    readonly leave: (exception: GuestException) => void,
  ) {}

  /** At the start of KVM_RUN. */
  begin(asked: GuestDebug | undefined) {
    this.cpu.debug.monitor = asked && monitorOf(asked);
    debugChanged(this.cpu);
  }

  /** Whether an exception is the monitor's, not the guest's. */
  isForMonitor({ ec }: GuestException): boolean {
    return this.cpu.debug.monitor !== undefined && isDebugClass(ec);
  }

  /** Between two instructions, or before the first: what is pending is taken, else one is run. */
  step() {
    const { cpu } = this;
    if (isSoftwareStep(cpu) && !(cpu.pstate & PSTATE.SS)) return this.#endStep();
    this.stepOver();
    this.ran();
  }

  /** The instruction at the PC, unless a breakpoint is on it. */
  stepOver() {
    this.#stepped = this.engine.fetchWord();
    if (this.#stepped === undefined) return;
    const breakpoint = breakpointHere(this.cpu);
    if (breakpoint) this.#take(breakpoint);
    else this.engine.step();
  }

  /** An instruction has been done with: by `step`, or by the monitor, which served its access. */
  ran() {
    const { cpu } = this;
    cpu.pstate &= ~PSTATE.SS;
    if (cpu.debug.monitor?.steps || isSoftwareStep(cpu)) this.#endStep();
    this.#stepped = undefined;
  }

  #endStep() {
    const stepped = this.#stepped;
    this.#stepped = undefined;
    this.#take(softwareStep(this.cpu, stepped));
  }

  #take(exception: GuestException) {
    this.#stepped = undefined;
    if (this.isForMonitor(exception)) this.leave(exception);
    else enterException(this.cpu, exception);
  }
}

function monitorOf(asked: GuestDebug): Monitor {
  return {
    steps: (asked.control & debugControl.KVM_GUESTDBG_SINGLESTEP) !== 0,
    hardware: asked.control & debugControl.KVM_GUESTDBG_USE_HW ? asked : undefined,
  };
}
