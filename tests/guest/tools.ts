// Programs nobody here wrote that the tests hold Velum to, where they are installed.

const PACKAGES = {
  "aarch64-linux-gnu-as": "binutils-aarch64-linux-gnu",
  "aarch64-linux-gnu-ld": "binutils-aarch64-linux-gnu",
  "aarch64-linux-gnu-objcopy": "binutils-aarch64-linux-gnu",
  bash: "bash",
  dtc: "device-tree-compiler",
  fdtget: "device-tree-compiler",
  fish: "fish",
  gzip: "gzip",
  "systemd-analyze": "systemd",
  "systemd-socket-activate": "systemd",
  timeout: "coreutils",
  zsh: "zsh",
} as const;

export type Tool = keyof typeof PACKAGES;

/** A test that needs `tools`: without them it is skipped with the reason, and with CI=true it fails. */
export function testWithTools(tools: readonly Tool[], name: string, body: () => void | Promise<void>): void {
  const missing = tools.filter((tool) => !isInstalled(tool));
  const reason = `needs ${[...new Set(missing.map((tool) => PACKAGES[tool]))].join(" and ")}`;
  if (missing.length > 0 && Deno.env.get("CI") === "true") throw new Error(`"${name}" ${reason}`);
  if (missing.length > 0) console.log(`skipped: "${name}" ${reason}`);
  Deno.test({ name, ignore: missing.length > 0, fn: body });
}

/** Runs it, with `input` on its standard input. Throws when it fails. */
export async function run(
  tool: Tool,
  args: readonly string[],
  input: Uint8Array<ArrayBuffer> = new Uint8Array(),
): Promise<{ stdout: Uint8Array<ArrayBuffer>; stderr: string }> {
  const child = new Deno.Command(tool, { args: [...args], stdin: "piped", stdout: "piped", stderr: "piped" })
    .spawn();
  const [output] = await Promise.all([child.output(), new Blob([input]).stream().pipeTo(child.stdin)]);
  const stderr = new TextDecoder().decode(output.stderr);
  if (!output.success) throw new Error(`${tool} ${args.join(" ")} failed: ${stderr}`);
  return { stdout: output.stdout, stderr };
}

/** Runs `body` with a folder of its own, removed afterwards. */
export async function inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    return await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function isInstalled(tool: Tool): boolean {
  try {
    return new Deno.Command(tool, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
