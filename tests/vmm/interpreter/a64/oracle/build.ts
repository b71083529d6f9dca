// Compiles oracle.c for arm64 into the checkout's .cache/oracle, once for each text of it.

import { fromFileUrl, join } from "@std/path";

const folder = fromFileUrl(new URL(".", import.meta.url));
const source = join(folder, "oracle.c");
const sources = [source, join(folder, "signal_frame.h"), join(folder, "streams.h")];
const cache = fromFileUrl(new URL("../../../../../.cache/oracle", import.meta.url));

// Far from every address that a case is likely to hold: a case shares the address space with the oracle itself.
const TEXT = "-Wl,-Ttext-segment=0x3712340000";

/** The program's path. Throws what the compiler says. */
export async function buildOracle(): Promise<string> {
  const texts = await Promise.all(sources.map((path) => Deno.readTextFile(path)));
  const bytes = new TextEncoder().encode([TEXT, ...texts].join());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const program = join(cache, digest.subarray(0, 8).toHex());
  if (await exists(program)) return program;
  await Deno.mkdir(cache, { recursive: true });
  // Test files run at the same time: each builds its own, and the last one's stays.
  const building = await Deno.makeTempFile({ dir: cache });
  const args = ["-static", "-O1", "-Wall", "-Wextra", "-Werror", TEXT, "-o", building, source];
  const { success, stderr } = await new Deno.Command("aarch64-linux-gnu-gcc", { args }).output();
  if (!success) throw new Error(`oracle.c does not compile: ${new TextDecoder().decode(stderr)}`);
  await Deno.chmod(building, 0o755);
  await Deno.rename(building, program);
  return program;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
