// A vcpu that KVM refuses to run on has failed; that is an end of the guest, not a fault of the monitor.

import { KvmError } from "../kvm/kvm_error.ts";
import type { Ending } from "./ending.ts";

/** @param vcpu of which, where it happened */
export function orFailure(run: () => Ending | undefined, vcpu: () => number): Ending | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof KvmError)) throw error;
    return { kind: "failed", reason: error.message, vcpu: vcpu() };
  }
}
