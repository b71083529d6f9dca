// The programs that the oracle consists of, where they are installed, and the tests that need them.

const PACKAGES: Readonly<Record<string, string>> = {
  "qemu-aarch64-static": "qemu-user-static",
  "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu and libc6-dev-arm64-cross",
  "aarch64-linux-gnu-objdump": "binutils-aarch64-linux-gnu",
};

/** Declares a test that needs the oracle: without it, it is skipped with the reason; with CI=true it fails. */
export function oracleTest(name: string, body: () => void | Promise<void>): void {
  const missing = Object.keys(PACKAGES).filter((tool) => !isInstalled(tool));
  const packages = missing.map((tool) => PACKAGES[tool]).join(" and ");
  if (missing.length > 0 && Deno.env.get("CI") === "true") {
    throw new Error(`"${name}" needs the Debian packages ${packages}`);
  }
  if (missing.length > 0) console.error(`skipped: "${name}" needs the Debian packages ${packages}`);
  Deno.test({ name, ignore: missing.length > 0, fn: body });
}

const found = new Map<string, boolean>();

function isInstalled(tool: string): boolean {
  const known = found.get(tool);
  if (known !== undefined) return known;
  const installed = answers(tool);
  found.set(tool, installed);
  return installed;
}

function answers(tool: string): boolean {
  try {
    return new Deno.Command(tool, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
