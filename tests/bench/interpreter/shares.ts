// Boots a kernel in the interpreter with a clock around all that generated code calls, and prints where the time went,
// as JSON in its last line. Arguments: the kernel, an initramfs, the kernel's command line.

import { chooseBackend, everythingAuto, Machine } from "../../../mod.ts";
import { MiB } from "../../../guest/ram.ts";

/** Percent of the vcpu's time awake, and how often it was called. */
export type Shares = Readonly<Record<string, { readonly percent: number; readonly calls: number }>>;

if (import.meta.main) {
  const [kernel = "", initrd = "", commandLine = ""] = Deno.args;
  const Original = globalThis.Worker;
  globalThis.Worker = class extends Original {
    constructor(script: string | URL, options?: WorkerOptions) {
      const isVcpu = String(script).endsWith("/vcpu_worker.ts");
      super(isVcpu ? new URL("./timed_worker.ts", import.meta.url) : script, options);
    }
  };
  const machine = await Machine.create({
    backend: chooseBackend("interpreter"),
    cpus: 1,
    memorySize: 512 * MiB,
    features: everythingAuto,
    kernel: Deno.readFileSync(kernel),
    initrd: Deno.readFileSync(initrd),
    commandLine,
  });
  machine.start();
  for await (const _ of machine.output());
  await machine.ended;
  machine.close();
}
