// Compiles mmio_loop.c for arm64.

import { fromFileUrl } from "@std/path";
import { BedError } from "../kvm-host/errors.ts";

const source = fromFileUrl(new URL("./mmio_loop.c", import.meta.url));
const compiler = "aarch64-linux-gnu-gcc";
const packages = ["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"];

/** The program's bytes. Installs the compiler where that may be done; else throws a BedError that names it. */
export async function compileYardstick(): Promise<Uint8Array> {
  const output = await Deno.makeTempFile();
  const compile = () => succeeds(compiler, ["-O2", "-Wall", "-Wextra", "-static", "-o", output, source]);
  try {
    if (!await compile() && (Deno.uid() !== 0 || !await install() || !await compile())) {
      throw new BedError(
        `${source} cannot be compiled; it needs the Debian packages ${packages.join(", ")}.`,
      );
    }
    return await Deno.readFile(output);
  } finally {
    await Deno.remove(output);
  }
}

async function install(): Promise<boolean> {
  await succeeds("apt-get", ["--quiet", "update"]);
  return await succeeds("apt-get", ["--quiet", "install", "-y", "--no-install-recommends", ...packages]);
}

async function succeeds(program: string, args: string[]): Promise<boolean> {
  try {
    const { success, stderr } = await new Deno.Command(program, {
      args,
      env: { DEBIAN_FRONTEND: "noninteractive" },
      stdin: "null",
    }).output();
    if (!success) console.error(new TextDecoder().decode(stderr).trimEnd());
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
