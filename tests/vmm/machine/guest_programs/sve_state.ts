// sve_state.c as a static program of a guest's userspace.

import { assert } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { type ArchiveEntry, file } from "../../../kvm-host/newc.ts";

const source = fromFileUrl(new URL("sve_state.c", import.meta.url));

/** `/sve_state` for an initramfs; its arguments are vector lengths in bytes. Throws what the compiler says. */
export async function sveStateProgram(): Promise<ArchiveEntry> {
  const folder = await Deno.makeTempDir();
  try {
    const program = join(folder, "sve_state");
    const args = [
      "-O2",
      "-static",
      "-Wall",
      "-Wextra",
      "-Werror",
      "-march=armv8.2-a+sve",
      "-o",
      program,
      source,
    ];
    const { success, stderr } = await new Deno.Command("aarch64-linux-gnu-gcc", { args }).output();
    assert(success, new TextDecoder().decode(stderr));
    return file("/sve_state", await Deno.readFile(program), 0o755);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What it prints when nothing was lost, in lines that may be in any order but for the last. */
export const intactLines = (lengths: readonly number[]) => [
  ...lengths.map((length) => `vl ${length}: intact`),
  "sve state: intact",
];
