// The tiny guests under QEMU (a machine nobody here wrote), and their binaries against their sources.

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { buildPrograms } from "../../guest/programs/build.ts";
import { findProgram, programFile, programs } from "../../guest/programs.ts";
import {
  caseName,
  type Ending,
  findDifference,
  type MachineUnderTest,
  programCases,
} from "./program_expectations.ts";

const everyLength = Array.from({ length: 16 }, (_, i) => 128 * (i + 1));

/** With CI=true a missing tool fails the test that needs it; elsewhere it skips it and says so. */
function toolIsMissing(tool: string, debianPackage: string): boolean {
  const directories = (Deno.env.get("PATH") ?? "").split(":");
  const found = directories.some((directory) => {
    try {
      return Deno.statSync(join(directory, tool)).isFile;
    } catch {
      return false;
    }
  });
  if (found || Deno.env.get("CI") === "true") return false;
  console.log(`skipping tests of guest programs that need ${tool}: install ${debianPackage}`);
  return true;
}

const binutilsMissing = toolIsMissing("aarch64-linux-gnu-as", "binutils-aarch64-linux-gnu");
const qemuMissing = toolIsMissing("qemu-system-aarch64", "qemu-system-arm");

interface QemuMachine extends MachineUnderTest {
  readonly cpu: string;
}

const qemu = { unbacked: "abort", unbackedPair: "abort", pvpanic: false } as const;
const max: QemuMachine = { ...qemu, cpu: "max", cpus: 1, gic: 3, lengths: everyLength, ptrauth: true };

const otherMachines: readonly QemuMachine[] = [
  { ...max, cpu: "max,sve-max-vq=4", cpus: 4, gic: 2, lengths: [128, 256, 384, 512] },
  { ...max, cpu: "max,sve128=on,sve256=on,sve512=on", cpus: 3, lengths: [128, 256, 512] },
  { ...max, cpu: "max,sve=off,pauth-impdef=on", cpus: 2, lengths: [] },
  { ...max, cpu: "max,pauth=off", gic: 2, ptrauth: false },
  { ...max, cpu: "cortex-a57", cpus: 2, gic: 2, lengths: [], ptrauth: false },
];

/** The programs whose outcome depends on the CPU, the number of CPUs or the interrupt controller. */
const dependsOnMachine = new Set(["features", "smp", "timer", "vectors", "echo", "button"]);

function binaryPath(name: string): string {
  const program = findProgram(name);
  assert(program, `${name} is in the registry`);
  return fromFileUrl(programFile(program));
}

function qemuArguments({ cpu, cpus, gic }: QemuMachine, ...more: string[]): string[] {
  const machine = ["-M", `virt,gic-version=${gic}`, "-cpu", cpu, "-smp", `${cpus}`, "-m", "128"];
  return [...machine, "-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "none", ...more];
}

/** QEMU's monitor on a socket, for which it is to have been given `args`. */
async function openMonitor() {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "monitor");
  return {
    args: ["-chardev", `socket,id=monitor,path=${path},server=on,wait=off`, "-mon", "chardev=monitor"],
    async press() {
      using connection = await Deno.connect({ transport: "unix", path });
      await connection.write(new TextEncoder().encode("system_powerdown\n"));
      let said = "";
      for await (const text of connection.readable.pipeThrough(new TextDecoderStream())) {
        said += text;
        // The prompt before the command, and the one after it.
        if (said.split("(qemu)").length > 2) break;
      }
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

interface Run {
  readonly ending: Ending;
  readonly console: string;
}

/**
 * Runs until QEMU ends, or until the console has neverEndsAfter; the guest never ends after that.
 * @param onFirstLine called once the guest has written a line
 */
async function runQemu(
  args: string[],
  stdin = "",
  neverEndsAfter?: string,
  onFirstLine = async () => {},
): Promise<Run> {
  await using qemu = new Deno.Command("qemu-system-aarch64", { args, stdin: "piped", stdout: "piped" })
    .spawn();
  const writer = qemu.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  let console = "";
  for await (const chunk of qemu.stdout.pipeThrough(new TextDecoderStream())) {
    if (!console.includes("\n") && chunk.includes("\n")) await onFirstLine();
    console += chunk;
    if (neverEndsAfter !== undefined && console.includes(neverEndsAfter)) qemu.kill("SIGKILL");
  }
  const { signal } = await qemu.status;
  await writer.close().catch(() => {}); // QEMU has closed its end
  if (signal !== null) return { ending: "never", console };
  const status = /(?:^|\n)exit status (\d+)\n$/.exec(console);
  assert(status?.[1] !== undefined, `the guest ended without an exit status: ${console}`);
  const withoutStatus = console.slice(0, status.index + (status[0].startsWith("\n") ? 1 : 0));
  return { ending: Number(status[1]), console: withoutStatus };
}

function testCases(machine: QemuMachine, cases: typeof programCases): void {
  for (const it of cases) {
    const { program, bootargs, stdin, isPressed, outcome } = it;
    Deno.test({
      name: `under QEMU (-cpu ${machine.cpu}, ${machine.cpus} CPUs, GICv${machine.gic}), ${caseName(it)}`,
      ignore: qemuMissing,
      fn: async () => {
        const { ending, lines } = outcome(machine);
        const append = bootargs === undefined ? [] : ["-append", bootargs];
        const args = qemuArguments(machine, "-kernel", binaryPath(program), ...append);
        const lastLine = ending === "never" ? `${lines.at(-1)}\n` : undefined;
        await using monitor = isPressed && await openMonitor();
        const run = monitor
          ? await runQemu([...args, ...monitor.args], stdin, lastLine, monitor.press)
          : await runQemu(args, stdin, lastLine);
        assertEquals(findDifference(lines, run.console), undefined, run.console);
        assertEquals(run.ending, ending);
      },
    });
  }
}

testCases(max, programCases);
for (const machine of otherMachines) {
  testCases(machine, programCases.filter(({ program }) => dependsOnMachine.has(program)));
}

Deno.test({
  name: "under QEMU, a program entered with x0 = 0 finds the device tree at the start of RAM",
  ignore: qemuMissing,
  fn: async () => {
    // Programs are position independent; at their own address QEMU's 1 MiB for the tree would overlap them.
    const loader = `loader,file=${binaryPath("timer")},addr=0x40200000,cpu-num=0,force-raw=on`;
    const run = await runQemu(qemuArguments(max, "-device", loader));
    assertEquals(run, { ending: 0, console: "tick 1\ntick 2\ntick 3\ntick 4\ntick 5\n" });
  },
});

Deno.test({
  name: "under QEMU, smp names the CPU that PSCI refuses to start",
  ignore: qemuMissing,
  fn: async () => {
    const deviceTree = await Deno.makeTempFile({ suffix: ".dtb" });
    try {
      const dump = qemuArguments({ ...max, cpus: 2 }, "-machine", `dumpdtb=${deviceTree}`);
      await new Deno.Command("qemu-system-aarch64", { args: dump, stderr: "null" }).output();
      const args = qemuArguments(max, "-dtb", deviceTree, "-kernel", binaryPath("smp"));
      const run = await runQemu(args);
      assertEquals(run.ending, 1);
      assertEquals(run.console.split("\n")[1], "cpu 1: PSCI CPU_ON answered -2");
    } finally {
      await Deno.remove(deviceTree);
    }
  },
});

Deno.test({
  name: "the committed binaries of the guest programs are what their sources build",
  ignore: binutilsMissing,
  fn: async () => {
    const directory = await Deno.makeTempDir();
    try {
      await buildPrograms(directory);
      for (const { name } of programs) {
        const built = await Deno.readFile(join(directory, `${name}.bin`));
        assertEquals(await Deno.readFile(binaryPath(name)), built, `${name}.bin is stale: run build.ts`);
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});

Deno.test("the registry of guest programs names every source there is, and only those", () => {
  const directory = fromFileUrl(new URL("../../guest/programs/", import.meta.url));
  const files = [...Deno.readDirSync(directory)].map(({ name }) => name);
  const stems = (extension: string) =>
    files.filter((name) => name.endsWith(extension)).map((name) => name.slice(0, -extension.length)).sort();
  const names = programs.map(({ name }) => name).sort();
  assertEquals(stems(".S"), names);
  assertEquals(stems(".bin"), names);
});

Deno.test("every guest program has an expectation", () => {
  const covered = new Set(programCases.map(({ program }) => program));
  assertEquals(programs.filter(({ name }) => !covered.has(name)), []);
});
