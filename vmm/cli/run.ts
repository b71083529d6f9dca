// velum run: boots a guest, lends it the terminal, and exits as the guest does.

import { mayBeKvm, openIsolateAhead, soleIsolate } from "../machine/isolates.ts";
import { backendOptions, hostOptions } from "./common_options.ts";
import { guestDefaults, guestOptions } from "./guest_options.ts";
import type { Command, Given } from "./options.ts";
import { traceOptions } from "./trace_options.ts";

export const run: Command = {
  operands: "[GUEST [ARGUMENT]...]",
  options: {
    ...guestOptions,
    config: {
      value: "FILE",
      help: "a vcpu's configuration, as velum baseline --write wrote it, or a whole machine's",
    },
    "dump-dtb": { value: "FILE", help: "write the device tree the guest gets, and run nothing" },
    stats: { help: "tell how many instructions the guest ran, at its end (interpreter)" },
    timeout: { value: "SECONDS", help: "stop the guest after so long; exit status 124" },
    ...traceOptions,
    ...hostOptions,
    ...backendOptions,
  },
  notes: [
    "Exit status: the guest's own (the exit device's, 0 for PSCI SYSTEM_OFF and SYSTEM_RESET); 1 when it",
    "panicked or cannot go on; 2 for a request that cannot be met; 124 on timeout; 130 when stopped.",
    "On a terminal: Ctrl-A x quits, Ctrl-A h lists the keys.",
  ],
  async run(given) {
    openAhead(given);
    return await (await import("./run_guest.ts")).runGuest(given);
  },
};

/** The thread that will run the vcpus loads what it needs while this one does, where it is clear what that is. */
function openAhead(given: Given) {
  const isUnclear = ["config", "dump-dtb"].some((option) => given.has(option));
  if (isUnclear || mayBeKvm(given.one("backend"))) return;
  const cpus = Number(given.one("cpus") ?? guestDefaults.cpus);
  const script = soleIsolate(cpus, given.has("deterministic"));
  if (script !== undefined) openIsolateAhead(script, "interpreter");
}
