// The oracle for every number of the contract: constant expressions as the kernel's own headers, compiled for
// arm64, give them. Nothing compiled is run: the values are read from the compiler's assembly.

const compiler = "aarch64-linux-gnu-gcc";
const packages = "gcc-aarch64-linux-gnu and libc6-dev-arm64-cross";

const headers = ["stddef.h", "linux/kvm.h", "asm/errno.h"].map((file) => `#include <${file}>\n`).join("");

/** One C constant expression. */
export interface Row {
  readonly expression: string;
  /** A macro that headers too old for the expression lack, and what newer headers are known to say. */
  readonly unless?: { readonly defined: string; readonly value: bigint };
}

/** A test that needs the headers: without them it is skipped with the reason, and with CI=true it fails. */
export function testWithKernelHeaders(name: string, body: () => Promise<void>): void {
  const ignore = !areInstalled();
  if (ignore && Deno.env.get("CI") === "true") throw new Error(`"${name}" needs ${packages}`);
  if (ignore) console.log(`skipped: "${name}" needs ${packages}`);
  Deno.test({ name, ignore, fn: body });
}

/** The value of each row, in the order of `rows`. Throws with the compiler's messages. */
export async function compile(rows: readonly Row[]): Promise<bigint[]> {
  const assembly = await runCompiler(`${headers}void rows(void) {\n${rows.map(emit).join("\n")}\n}\n`);
  return Array.from(assembly.matchAll(/\.ascii "row #?(-?\d+)"/g), ([, value]) => BigInt(value!));
}

/** That `actual` holds, name for name, what `expressions` are in the headers. */
export async function assertMatchesHeaders(
  actual: Readonly<Record<string, number | bigint>>,
  rowOf: (name: string) => Row,
): Promise<void> {
  const names = Object.keys(actual);
  const values = await compile(names.map(rowOf));
  const differing = names.flatMap((name, index) =>
    BigInt(actual[name]!) === values[index] ? [] : [`${name}: ours ${actual[name]}, theirs ${values[index]}`]
  );
  if (names.length === 0 || values.length !== names.length || differing.length > 0) {
    throw new Error(`${values.length} of ${names.length} rows compiled; ${differing.join("; ")}`);
  }
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

function areInstalled(): boolean {
  const args = ["-fsyntax-only", ...headers.match(/[\w/]+\.h/g)!.flatMap((file) => ["-include", file])];
  try {
    const options = { args: [...args, "-x", "c", "/dev/null"], stdout: "null", stderr: "null" } as const;
    return new Deno.Command(compiler, options).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
