// The oracle for the cryptographic instructions: QEMU's user mode emulation of arm64, running oracle.c.

import { fromFileUrl } from "@std/path";

const compiler = "aarch64-linux-gnu-gcc";
const emulator = "qemu-aarch64-static";
const packages = "gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user-static";

/** A test that needs the oracle: without it, it is skipped with the reason, and with CI=true it fails. */
export function testWithOracle(name: string, body: () => Promise<void>): void {
  const ignore = ![compiler, emulator].every(isInstalled);
  if (ignore && Deno.env.get("CI") === "true") throw new Error(`"${name}" needs ${packages}`);
  if (ignore) console.log(`skipped: "${name}" needs ${packages}`);
  Deno.test({ name, ignore, fn: body });
}

/** Runs `count` cases of each instruction: 64 bytes in, 16 bytes out for each. */
export async function askOracle(
  instructions: readonly string[],
  count: number,
  operands: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await Deno.makeTempDir();
  try {
    const program = `${folder}/oracle`;
    const source = fromFileUrl(new URL("oracle.c", import.meta.url));
    const march = "-march=armv8.5-a+crypto+sha3+sm4";
    await run(compiler, ["-static", "-O1", march, "-o", program, source], new Uint8Array());
    return await run(emulator, ["-cpu", "max", program, `${count}`, ...instructions], operands);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(program: string, args: string[], input: Uint8Array<ArrayBuffer>) {
  const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const [output] = await Promise.all([child.output(), new Blob([input]).stream().pipeTo(child.stdin)]);
  if (!output.success) throw new Error(`${program}: ${new TextDecoder().decode(output.stderr)}`);
  return output.stdout;
}

function isInstalled(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
