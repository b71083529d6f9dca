// Runs in the test bed: how long Debian's kernel takes from its first instruction to its userspace.
// Arguments: the kernel, an initramfs, and what that says when it has control.

import { chooseBackend, everythingAuto, Machine } from "../../mod.ts";
import { MiB } from "../../guest/ram.ts";
import { report } from "./row.ts";

const [kernel = "", initramfs = "", marker = ""] = Deno.args;
const machine = await Machine.create({
  backend: chooseBackend("kvm"),
  cpus: 1,
  memorySize: 512 * MiB,
  features: everythingAuto,
  kernel: Deno.readFileSync(kernel),
  initrd: Deno.readFileSync(initramfs),
  commandLine: "console=ttyAMA0 quiet",
});
const started = performance.now();
machine.start();
let said = "";
for await (const bytes of machine.output()) {
  said += new TextDecoder().decode(bytes);
  if (said.includes(marker)) break;
}
const seconds = (performance.now() - started) / 1000;
if (!said.includes(marker)) throw new Error(`Debian did not reach its userspace: ${said}`);
report([{ what: "Debian's kernel to its userspace, 1 vcpu", value: seconds, unit: "s" }]);
