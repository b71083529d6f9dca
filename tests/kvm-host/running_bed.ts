// One boot of the test bed: QEMU with a virtio-serial port for each stream, each a Unix socket here.

import { join } from "@std/path";
import { cache, type Downloads } from "./downloads.ts";
import { BedError } from "./errors.ts";
import type { HostShape } from "./host_shapes.ts";
import { type Port, ports } from "./init_script.ts";
import { appendArchive, type ArchiveEntry } from "./newc.ts";
import { ReportReader } from "./report.ts";

const MEMORY_MIB = 4096;
const CPUS = 2;
const KERNEL_ARGUMENTS = "console=ttyAMA0 quiet loglevel=4 panic=-1 cryptomgr.notests audit=0";

/** From QEMU's start to the first line of /init: 3 seconds on an idle machine. */
export const MOST_BOOT_SECONDS = 180;

/** Lines of the console that a failure shows. */
const LOG_LINES = 20;

const portNames = Object.keys(ports) as Port[];

export interface RunningBed extends AsyncDisposable {
  /** What /init says after its "ready". */
  readonly report: ReportReader;
  /** The connection to a port other than the report's. */
  port(name: Port): Deno.Conn;
}

/**
 * Boots a bed whose initramfs is `entries`. Disposing it ends QEMU; so does the end of this process. On
 * `abort` QEMU ends at once, and whoever waits for the report gets a `BedError`.
 */
export async function startBed(
  downloads: Downloads,
  shape: HostShape,
  entries: Iterable<ArchiveEntry>,
  abort: AbortSignal,
): Promise<RunningBed> {
  await using resources = new AsyncDisposableStack();
  // Not in the cache: the path of a Unix socket has at most 107 bytes.
  const folder = await Deno.makeTempDir({ prefix: "velum-bed-" });
  resources.defer(() => Deno.remove(folder, { recursive: true }));
  const initramfs = join(folder, "initramfs");
  writeInitramfs(initramfs, entries);
  const listeners = portNames.map((name) => Deno.listen({ transport: "unix", path: join(folder, name) }));
  for (const listener of listeners) resources.use(listener);
  const qemu = new Qemu(downloads.kernelImage, folder, shape);
  resources.use(qemu);
  abort.addEventListener("abort", () => qemu.kill());
  if (abort.aborted) qemu.kill();
  const connections = await Promise.race([Promise.all(listeners.map((each) => each.accept())), qemu.failure]);
  for (const connection of connections) resources.use(connection);
  const port = (name: Port) => connections[portNames.indexOf(name)]!;
  const report = new ReportReader(port("report"), qemu.failure);
  const timer = setTimeout(() => qemu.kill(), MOST_BOOT_SECONDS * 1000);
  await report.line("ready").finally(() => clearTimeout(timer));
  await Deno.remove(initramfs);
  const owned = resources.move();
  return {
    report,
    port,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

class Qemu implements AsyncDisposable {
  /** Rejected when QEMU ends, with what is known about it. */
  readonly failure: Promise<never>;
  readonly #process: Deno.ChildProcess;
  readonly #log: string;

  constructor(kernelImage: string, folder: string, shape: HostShape) {
    this.#log = join(folder, "console.log");
    // setpriv has the kernel end QEMU when the thread that started it ends, even by SIGKILL.
    this.#process = new Deno.Command("setpriv", {
      args: ["--pdeathsig", "KILL", "qemu-system-aarch64", ...qemuArguments(kernelImage, folder, shape)],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.failure = this.#explainEnd();
  }

  kill(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // TypeError: it has ended already
    }
  }

  async #explainEnd(): Promise<never> {
    const complaint = await new Response(this.#process.stderr).text();
    await this.#process.status;
    const console = await Deno.readTextFile(this.#log).catch(() => "");
    await Deno.writeTextFile(join(cache, "console.log"), console);
    const lines = (complaint + console).split(/\r?\n/).filter((line) => line !== "");
    const lastWords = lines.length === 0 ? "(nothing)" : lines.slice(-LOG_LINES).join("\n");
    throw new BedError(`The test bed ended before its commands did; the last it said:\n${lastWords}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.failure.catch(() => {});
  }
}

function qemuArguments(kernelImage: string, folder: string, shape: HostShape): string[] {
  const portArguments = portNames.flatMap((name) => [
    "-chardev",
    `socket,id=${name},path=${join(folder, name)}`,
    "-device",
    `${name === "terminal" ? "virtconsole" : "virtserialport"},chardev=${name},nr=${ports[name]}`,
  ]);
  return [
    ...["-M", `virt,virtualization=on,gic-version=${shape.gic}`, "-cpu", shape.cpu],
    ...["-smp", `${CPUS}`, "-m", `${MEMORY_MIB}`, "-nic", "none", "-display", "none", "-no-reboot"],
    ...["-monitor", "none", "-parallel", "none", "-serial", `file:${join(folder, "console.log")}`],
    ...["-kernel", kernelImage, "-initrd", join(folder, "initramfs"), "-append", KERNEL_ARGUMENTS],
    ...["-device", "virtio-serial-pci", ...portArguments],
  ];
}

function writeInitramfs(path: string, entries: Iterable<ArchiveEntry>): void {
  using output = Deno.openSync(path, { createNew: true, write: true });
  appendArchive(output, entries);
}
