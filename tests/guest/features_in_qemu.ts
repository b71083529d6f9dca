// The tiny guest `features` under QEMU's own emulation.

import { fromFileUrl } from "@std/path";

/** What the guest `features` prints on QEMU's model of a processor, by name. */
export async function seenInQemu(cpu: string): Promise<Record<string, string>> {
  const kernel = fromFileUrl(new URL("../../guest/programs/features.bin", import.meta.url));
  await using qemu = new Deno.Command("qemu-system-aarch64", {
    args: ["-M", "virt,gic-version=3", "-cpu", cpu, "-nographic", "-nic", "none", "-kernel", kernel],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let text = "";
  for await (const chunk of qemu.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("exit status")) break;
  }
  return Object.fromEntries(text.split(/\r?\n/).map((line) => line.split(": ") as [string, string]));
}
