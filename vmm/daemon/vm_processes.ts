// Starts VMs' processes. That takes most of a VM's start, so one is kept ready for the next VM, which is likely to be like
// the last: it may do just what that one's process may. When it has waited in vain, it goes.

import type { MachineConfiguration } from "./machine_configuration_schema.ts";
import { vmProcessArguments, writesFiles } from "./vm_permissions.ts";

interface Waiting {
  readonly args: readonly string[];
  readonly child: Deno.ChildProcess;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class VmProcesses {
  #waiting: Waiting | undefined;
  #isClosed = false;

  /** @param standbySeconds 0: no process is kept ready */
  constructor(readonly standbySeconds: number) {}

  /** Of the process that waits for the next VM. */
  get waiting(): number | undefined {
    return this.#waiting?.child.pid;
  }

  /** The process of such a VM: nothing was asked of it yet. One for the next VM like it is started then. */
  take(configuration: MachineConfiguration): Deno.ChildProcess {
    const args = vmProcessArguments(configuration);
    const child = this.#takeWaiting(args) ?? start(args);
    // What a VM writes is its own: there will be none like it.
    if (this.#keepsOneReady && !writesFiles(configuration)) this.#keepReady(args);
    return child;
  }

  get #keepsOneReady() {
    return this.standbySeconds > 0 && !this.#isClosed;
  }

  #takeWaiting(args: readonly string[]): Deno.ChildProcess | undefined {
    const waiting = this.#waiting;
    if (!waiting || waiting.args.join("\0") !== args.join("\0")) return undefined;
    clearTimeout(waiting.timer);
    this.#waiting = undefined;
    return waiting.child;
  }

  #keepReady(args: readonly string[]) {
    void this.#dismiss();
    const child = start(args);
    const timer = setTimeout(() => void this.#dismiss(), 1000 * this.standbySeconds);
    const waiting = this.#waiting = { args, child, timer };
    void child.status.then(() => {
      if (this.#waiting === waiting) void this.#dismiss();
    });
  }

  async #dismiss() {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting) return;
    clearTimeout(waiting.timer);
    await endProcess(waiting.child);
  }

  /** Resolves when no process is kept ready any more. */
  async close() {
    this.#isClosed = true;
    await this.#dismiss();
  }
}

function start(args: readonly string[]): Deno.ChildProcess {
  const stdio = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  return new Deno.Command(Deno.execPath(), { args: [...args], env: { NO_COLOR: "1" }, ...stdio }).spawn();
}

/** Ends it at once. Resolves when it is gone; nothing of what it said is read any more. */
export async function endProcess(child: Deno.ChildProcess) {
  try {
    child.kill("SIGKILL");
  } catch {
    // It is gone already.
  }
  await Promise.all([child.status, child.stdout.cancel(), child.stderr.cancel(), child.stdin.abort()]);
}
