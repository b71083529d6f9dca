// How a machine's run ends, and what that means for the one who started it.

import { type Exit, internalErrors } from "../kvm/run_page.ts";
import { syndrome } from "../kvm/syndrome.ts";

export type Ending =
  /** The guest wrote the exit device. */
  | { kind: "exit"; status: number }
  /** PSCI SYSTEM_OFF. */
  | { kind: "shutdown" }
  /** PSCI SYSTEM_RESET. Velum does not start a guest anew by itself. */
  | { kind: "reset" }
  /** The guest reported a panic, or KVM a crash. */
  | { kind: "panic"; reason: string }
  /** The guest cannot go on: an exit that nothing here can serve. */
  | { kind: "failed"; reason: string; vcpu: number }
  | { kind: "timeout"; seconds: number }
  /** The one who started it stopped it, or had asked for that: at this exit, from which the guest has not gone on. */
  | { kind: "stopped"; at?: { readonly exit: Exit; readonly vcpu: number } };

/** What an exit says that ends a machine; `undefined` for one that does not. */
export function endingOf(exit: Exit, vcpu: number): Ending | undefined {
  switch (exit.reason) {
    case "KVM_EXIT_MMIO":
    case "KVM_EXIT_INTR":
      return undefined;
    case "KVM_EXIT_SYSTEM_EVENT":
      return systemEnding(exit, vcpu);
    case "KVM_EXIT_FAIL_ENTRY":
      return failed(
        vcpu,
        `the host could not enter the guest on CPU ${exit.cpu} (reason ${hex(exit.hardwareReason)})`,
      );
    case "KVM_EXIT_INTERNAL_ERROR":
      if (exit.suberror === internalErrors.KVM_INTERNAL_ERROR_DELIVERY_EV) return caught(exit.data, vcpu);
      return failed(
        vcpu,
        `KVM met an error of its own (suberror ${exit.suberror}, data ${exit.data.map(hex).join(" ")})`,
      );
    case "KVM_EXIT_HYPERCALL":
      return failed(
        vcpu,
        `the guest made hypercall ${hex(exit.number)}, which was not to come to the monitor`,
      );
    case "KVM_EXIT_ARM_NISV":
      return failed(
        vcpu,
        `the guest accessed ${hex(exit.faultIpa)}, where no memory is, by an instruction that KVM cannot ` +
          `describe (ESR_EL2.ISS ${hex(exit.esrIss)}), and this host cannot give it an abort`,
      );
    case "KVM_EXIT_MEMORY_FAULT":
      return failed(
        vcpu,
        `KVM cannot give the guest the memory at ${hex(exit.address)} (${hex(exit.size)} bytes)`,
      );
    case "KVM_EXIT_DEBUG":
      return failed(
        vcpu,
        `a debug exception at ${hex(exit.far)} (ESR_EL2 ${hex(exit.esr)}) that nobody asked for`,
      );
    case "KVM_EXIT_UNKNOWN":
      return failed(
        vcpu,
        `KVM gave exit ${exit.number} (hardware reason ${hex(exit.hardwareReason)}), which is not known here`,
      );
  }
}

function systemEnding(exit: Exit & { reason: "KVM_EXIT_SYSTEM_EVENT" }, vcpu: number): Ending {
  switch (exit.event) {
    case "KVM_SYSTEM_EVENT_SHUTDOWN":
      return { kind: "shutdown" };
    case "KVM_SYSTEM_EVENT_RESET":
      return { kind: "reset" };
    case "KVM_SYSTEM_EVENT_CRASH":
      return { kind: "panic", reason: `KVM reports a crash of the guest (${exit.data.map(hex).join(" ")})` };
    default:
      return failed(vcpu, `the guest caused ${exit.event}, which is not offered here`);
  }
}

/** The interpreter's data: ESR_EL1, FAR_EL1, the instruction and the vector that it is at. */
function caught([esr = 0n, , pc = 0n]: readonly bigint[], vcpu: number): Ending {
  const { className, details } = syndrome(Number(BigInt.asUintN(32, esr)));
  const exception = details ? `${className}: ${details}` : className;
  return failed(
    vcpu,
    "exceptions follow each other without an instruction completed: the first instruction of the vector, at " +
      `${hex(pc)}, takes the next (${exception})`,
  );
}

const failed = (vcpu: number, reason: string): Ending => ({ kind: "failed", reason, vcpu });
const hex = (value: bigint) => "0x" + value.toString(16);
