// QEMU's own devices as an oracle: a `virt` machine that never runs, driven through QEMU's qtest protocol
// (QEMU documentation, "QTest Device Emulation Testing Framework").

const QEMU = "qemu-system-aarch64";
const machineArguments = ["-M", "virt", "-S", "-display", "none", "-nodefaults"];

export interface Qtest {
  /** Sends the commands and returns QEMU's answers to them, without their "OK". */
  run(commands: readonly string[]): Promise<string[]>;
}

/** Declares a test that needs QEMU; without it the test is skipped with a reason, but not under CI=true. */
export function qemuTest(name: string, body: () => Promise<void>): void {
  const ignore = Deno.env.get("CI") !== "true" && !isInstalled();
  if (ignore) console.log(`skipped: "${name}" needs ${QEMU} (Debian: qemu-system-arm)`);
  Deno.test({ name, ignore, fn: body });
}

function isInstalled(): boolean {
  try {
    return new Deno.Command(QEMU, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The path in QEMU's object tree of the one device of that type that a machine has. */
export async function qemuPathOf(type: string): Promise<string> {
  const args = [...machineArguments, "-monitor", "stdio"];
  const child = new Deno.Command(QEMU, { args, stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("info qom-tree\nquit\n"));
  const tree = new TextDecoder().decode((await child.output()).stdout);
  await writer.close().catch(() => {}); // QEMU has closed its end
  const path = new RegExp(`/(device\\[\\d+\\]) \\(${type}\\)`).exec(tree)?.[1];
  if (path === undefined) throw new Error(`${QEMU} has no ${type}`);
  return `/machine/unattached/${path}`;
}

/** Runs `body` with a machine that has these devices besides its usual ones. */
export async function withQemu(
  args: readonly string[],
  body: (qtest: Qtest) => Promise<void>,
): Promise<void> {
  const child = new Deno.Command(QEMU, {
    args: [...machineArguments, "-monitor", "none", "-qtest", "stdio", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const lines = child.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  let received = "";

  async function nextLine(): Promise<string> {
    while (!received.includes("\n")) {
      const { done, value } = await lines.next();
      if (done) throw new Error(`${QEMU} ended early`);
      received += value;
    }
    const end = received.indexOf("\n");
    const line = received.slice(0, end).trim();
    received = received.slice(end + 1);
    return line;
  }

  async function run(commands: readonly string[]): Promise<string[]> {
    const text = commands.map((command) => `${command}\n`).join("");
    const sent = writer.write(new TextEncoder().encode(text)).catch((error) =>
      `${QEMU} stopped listening: ${error}`
    );
    const answers: string[] = [];
    for (const command of commands) {
      const line = await nextLine();
      if (!line.startsWith("OK")) throw new Error(`${QEMU} answered "${line}" to "${command}"`);
      answers.push(line.slice(3));
    }
    const problem = await sent;
    if (problem !== undefined) throw new Error(problem);
    return answers;
  }

  try {
    await body({ run });
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await writer.abort().catch(() => {});
    await lines.return?.();
  }
}
