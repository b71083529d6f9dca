// One vcpu's life: KVM_RUN, serve the exit, again, until the machine stops.

import { errno } from "../kvm/errno.ts";
import type { Vcpu } from "../kvm/vcpu.ts";
import { KvmError } from "../kvm/kvm_error.ts";
import { exitReasons, type RunPage } from "../kvm/run_page.ts";
import { type ControlBlock, lifecycle } from "./control_block.ts";
import { type Ending, endingOf } from "./ending.ts";
import type { ExitHistory } from "./exit_history.ts";
import { type MmioTarget, serveMmio } from "./mmio.ts";

export interface RunContext {
  readonly vcpu: Vcpu;
  readonly page: RunPage;
  readonly control: ControlBlock;
  readonly target: MmioTarget;
  /** Called when KVM_RUN was interrupted: somebody wants something. */
  poll(): void;
  /** One of `exitReasons`: at the first such exit the machine stops. */
  readonly stopAtExit: number | undefined;
  /** Whether an access KVM cannot describe can be answered with an abort of the guest. */
  readonly canAbort: boolean;
  readonly history: ExitHistory;
  /** Whether KVM_RUN was interrupted because this thread is to load something first. */
  wantsMore(): boolean;
}

/**
 * Runs until the machine is stopped, or more is wanted, and then returns nothing, or until the guest's own end, and
 * returns that.
 */
export function runVcpu(context: RunContext): Ending | undefined {
  const { control } = context;
  while (control.state !== lifecycle.stopped) {
    const ending = runTurn(context);
    if (ending) return ending;
    control.holdWhilePaused();
    context.poll();
    if (context.wantsMore()) break;
  }
  return undefined;
}

/** Runs until KVM_RUN is interrupted or the machine is stopped, or until the guest's own end, and returns that. */
export function runTurn(context: RunContext): Ending | undefined {
  const { vcpu, page, control, target, history } = context;
  // After a read the state need not be asked: only a write ends a machine by itself, and whoever else stops it
  // interrupts every vcpu.
  let wasRead = false;
  while (wasRead || control.state !== lifecycle.stopped) {
    wasRead = false;
    if (enterGuest(vcpu, page) === errno.EINTR) {
      // Cleared before the state is read: whoever sets it again has changed the state first.
      page.immediateExit = false;
      history.noteInterrupt();
      return undefined;
    }
    const reason = page.exitReason;
    if (reason === context.stopAtExit) {
      return { kind: "stopped", at: { exit: page.exit(), vcpu: vcpu.index } };
    }
    if (reason === exitReasons.KVM_EXIT_MMIO) {
      wasRead = !serveMmio(page, target);
      history.noteMmio(page);
      continue;
    }
    const ending = serveRare(context);
    if (ending) return ending;
  }
  return undefined;
}

/** As `Vcpu.run`; two of its errors are none here. */
function enterGuest(vcpu: Vcpu, page: RunPage): 0 | typeof errno.EINTR {
  try {
    return vcpu.run();
  } catch (error) {
    if (!(error instanceof KvmError)) throw error;
    if (error.code === errno.EAGAIN) return errno.EINTR;
    // KVM document, "5. The kvm_run structure", KVM_EXIT_MEMORY_FAULT: the call fails, and the page has the exit.
    const isExit = error.code === errno.EFAULT && page.exitReason === exitReasons.KVM_EXIT_MEMORY_FAULT;
    if (isExit) return 0;
    throw error;
  }
}

function serveRare({ vcpu, page, canAbort, history }: RunContext): Ending | undefined {
  const exit = page.exit();
  history.note(exit);
  if (exit.reason === "KVM_EXIT_ARM_NISV" && canAbort) {
    const events = vcpu.getEvents();
    vcpu.setEvents({ ...events, exception: { ...events.exception, ext_dabt_pending: 1 } });
    return undefined;
  }
  return endingOf(exit, vcpu.index);
}
