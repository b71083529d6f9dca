// The oracle for every number of the contract: constant expressions as the kernel's own headers, compiled for
// arm64, give them. Nothing compiled is run: the values are read from the compiler's assembly.

import { assert, assertEquals } from "@std/assert";

const compiler = "aarch64-linux-gnu-gcc";
const packages = "gcc-aarch64-linux-gnu and libc6-dev-arm64-cross";

const headers = ["stddef.h", "linux/kvm.h", "asm/errno.h"].map((file) => `#include <${file}>\n`).join("");

const areInstalled = await findThem();

async function findThem(): Promise<boolean> {
  try {
    await runCompiler(headers);
    return true;
  } catch {
    return false;
  }
}

/** A number of ours, and the C constant expression that must have the same value. */
export interface Row {
  readonly name: string;
  readonly ours: number | bigint;
  readonly expression: string;
  /** A macro that headers too old for the expression lack, and what newer headers are known to say. */
  readonly unless?: { readonly defined: string; readonly value: number };
}

/** A test that needs the headers: without them it is skipped with the reason, and with CI=true it fails. */
export function testWithKernelHeaders(name: string, body: () => Promise<void>): void {
  const ignore = !areInstalled;
  if (ignore && Deno.env.get("CI") === "true") throw new Error(`"${name}" needs ${packages}`);
  if (ignore) console.log(`skipped: "${name}" needs ${packages}`);
  Deno.test({ name, ignore, fn: body });
}

/** That all of ours are what the headers say; the error names each that is not. */
export async function assertMatchesHeaders(rows: readonly Row[]): Promise<void> {
  const theirs = await compile(rows);
  const differing = rows.flatMap(({ name, ours }, index) =>
    BigInt(ours) === theirs[index] ? [] : [`${name}: ours ${ours}, theirs ${theirs[index]}`]
  );
  assertEquals(differing, []);
  assert(rows.length > 0 && theirs.length === rows.length, "every row must have been compiled");
}

/** The value of each row's expression, in order. Throws with the compiler's messages. */
async function compile(rows: readonly Row[]): Promise<bigint[]> {
  const assembly = await runCompiler(`${headers}void rows(void) {\n${rows.map(emit).join("\n")}\n}\n`);
  return Array.from(assembly.matchAll(/\.ascii "row #?(-?\d+)"/g), ([, value]) => BigInt(value!));
}

function emit({ expression, unless }: Row): string {
  const row = (value: string) => `asm volatile(".ascii \\"row %0\\"" : : "i"((long long)(${value})));`;
  if (!unless) return row(expression);
  return `#ifdef ${unless.defined}\n${row(expression)}\n#else\n${row(`${unless.value}`)}\n#endif`;
}

async function runCompiler(source: string): Promise<string> {
  const child = new Deno.Command(compiler, {
    args: ["-S", "-O1", "-x", "c", "-", "-o", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [output] = await Promise.all([child.output(), new Blob([source]).stream().pipeTo(child.stdin)]);
  if (!output.success) throw new Error(new TextDecoder().decode(output.stderr));
  return new TextDecoder().decode(output.stdout);
}
