// The C programs beside this file, for a Debian guest's userspace.

import { assert } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { type ArchiveEntry, file } from "../newc.ts";

/** `NAME.c` as the static program `/NAME` of an initramfs. Throws what the compiler says. */
export async function compiled(name: string, ...options: string[]): Promise<ArchiveEntry> {
  const source = fromFileUrl(new URL(`${name}.c`, import.meta.url));
  const folder = await Deno.makeTempDir();
  try {
    const program = join(folder, name);
    const warnings = ["-Wall", "-Wextra", "-Werror"];
    const args = ["-O2", "-static", ...warnings, ...options, "-o", program, source];
    const { success, stderr } = await new Deno.Command("aarch64-linux-gnu-gcc", { args }).output();
    assert(success, new TextDecoder().decode(stderr));
    return file(`/${name}`, await Deno.readFile(program), 0o755);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
