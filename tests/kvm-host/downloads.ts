// Fetches what the test bed is made of (Debian's arm64 kernel, busybox and C library, Deno's arm64
// build, Deno's std) into the checkout's .cache/kvm-host, once.

import { fromFileUrl, join } from "@std/path";

export const checkout = fromFileUrl(new URL("../..", import.meta.url)).replace(/\/$/, "");
export const cache = join(checkout, ".cache/kvm-host");

/** One behind the project's Deno: 2.9.6's arm64 build is not on every npm registry yet. */
const DENO_ARM64 = "@deno/linux-arm64-glibc@2.9.5";

/** Debian 12's name for it, then Debian 13's; both depend on the newest real package. */
const KERNEL_PACKAGES = ["linux-image-6.12-cloud-arm64", "linux-image-cloud-arm64"];
const ROOT_PACKAGES = ["busybox-static", "libc6", "libgcc-s1"];

const HOST_TOOLS = [
  { command: "qemu-system-aarch64", debianPackage: "qemu-system-arm" },
  { command: "setpriv", debianPackage: "util-linux" },
  { command: "xz", debianPackage: "xz-utils" },
  { command: "tar", debianPackage: "tar" },
  { command: "npm", debianPackage: "npm" },
];

/** Where the parts lie on this machine. */
export interface Downloads {
  /** Debian's kernel, an uncompressed Image. */
  readonly kernelImage: string;
  /** Its modules, the folder lib/modules/VERSION. */
  readonly modules: string;
  /** busybox, the C library and libgcc unpacked: bin, lib. */
  readonly root: string;
  /** Deno's arm64 executable. */
  readonly deno: string;
  /** A DENO_DIR that holds what deno.json's imports name. */
  readonly denoDir: string;
}

/** Fetches what is not there yet, or says in one sentence what this machine lacks. */
export async function download(): Promise<Downloads | { missing: string }> {
  await Deno.mkdir(cache, { recursive: true });
  using lock = await Deno.open(join(cache, "lock"), { create: true, write: true });
  await lock.lock(true);
  try {
    const missing = await missingHostPackages();
    if (missing) return { missing };
    const packages = await digest([...KERNEL_PACKAGES, ...ROOT_PACKAGES]);
    const debian = await once(
      `debian-${packages}`,
      "Debian's arm64 kernel, busybox and C library",
      fetchDebian,
    );
    const deno = await once(fileName(DENO_ARM64), "Deno for arm64", fetchDeno);
    const imports = await configuredImports();
    const denoDir = await once(`deno-dir-${await digest(imports)}`, "Deno's std", fetchImports(imports));
    return {
      kernelImage: await only(join(debian, "kernel/boot"), "vmlinuz-"),
      modules: await only(join(debian, "kernel/lib/modules"), "6."),
      root: join(debian, "root"),
      deno: join(deno, "package/deno"),
      denoDir,
    };
  } catch (error) {
    if (error instanceof ToolFailure) return { missing: error.message };
    throw error;
  }
}

/** A program that the downloads need said no. */
class ToolFailure extends Error {}

/** Makes `cache/name` by `make` unless it is there: whole or not at all. The caller holds the lock. */
async function once(name: string, what: string, make: (into: string) => Promise<void>): Promise<string> {
  const made = join(cache, name);
  if (await exists(made)) return made;
  if (Deno.stderr.isTerminal()) console.error(`test bed: fetching ${what} ...`);
  const making = join(cache, "making");
  await Deno.remove(making, { recursive: true }).catch(() => {});
  await Deno.mkdir(making);
  await make(making);
  await Deno.rename(making, made);
  return made;
}

async function fetchDebian(into: string): Promise<void> {
  const [lists, debs] = [join(into, "lists"), join(into, "debs")];
  await Deno.mkdir(join(lists, "partial"), { recursive: true });
  await Deno.mkdir(debs);
  const options = [
    "APT::Architecture=arm64",
    "APT::Architectures=arm64",
    "APT::Sandbox::User=",
    `Dir::State::Lists=${lists}`,
    `Dir::Cache=${into}`,
  ].flatMap((option) => ["-o", option]);
  await run("apt-get", [...options, "--quiet", "update"], debs);
  const kernel = await realKernelPackage(options, debs);
  await run("apt-get", [...options, "--quiet", "download", kernel, ...ROOT_PACKAGES], debs);
  for await (const { name } of Deno.readDir(debs)) {
    const unpacked = join(into, name.startsWith("linux-image") ? "kernel" : "root");
    await run("dpkg-deb", ["--extract", join(debs, name), unpacked], debs);
  }
  for (const used of ["lists", "debs", "pkgcache.bin", "srcpkgcache.bin", "archives"]) {
    await Deno.remove(join(into, used), { recursive: true }).catch(() => {});
  }
}

/** The package that the kernel's meta package stands for today. */
async function realKernelPackage(options: string[], directory: string): Promise<string> {
  for (const meta of KERNEL_PACKAGES) {
    const listing = await run("apt-cache", [...options, "depends", meta], directory).catch(() => "");
    const real = listing.match(/linux-image-6\.12\.\S+-cloud-arm64/)?.[0];
    if (real) return real;
  }
  throw new ToolFailure(
    `The test bed needs Debian's arm64 package ${KERNEL_PACKAGES[0]}, which apt's sources here do not offer.`,
  );
}

async function fetchDeno(into: string): Promise<void> {
  const tarball = await run("npm", ["pack", "--silent", DENO_ARM64], into);
  await run("tar", ["-xzf", tarball.trim()], into);
  await Deno.remove(join(into, tarball.trim()));
}

/** The specifiers that deno.json's bare names stand for. */
async function configuredImports(): Promise<string[]> {
  const config: { imports: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(join(checkout, "deno.json")),
  );
  return Object.values(config.imports);
}

function fetchImports(imports: string[]): (into: string) => Promise<void> {
  return async (into) => {
    await run(Deno.execPath(), ["cache", "--no-config", ...imports], into, { DENO_DIR: into });
  };
}

/** Installs missing programs where that may be done, else names their packages in one sentence. */
async function missingHostPackages(): Promise<string | undefined> {
  const packages = await absentPackages();
  if (packages.length === 0) return undefined;
  if (!await exists("/usr/bin/apt-get")) {
    return `The test bed needs a Debian machine (it fetches packages with apt-get), with ${
      packages.join(", ")
    }.`;
  }
  if (Deno.uid() === 0) {
    if (Deno.stderr.isTerminal()) console.error(`test bed: installing ${packages.join(", ")} ...`);
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["--quiet", "update"], "/", env).catch(() => {});
    await run("apt-get", ["--quiet", "install", "-y", "--no-install-recommends", ...packages], "/", env)
      .catch(() => {});
  }
  const absent = await absentPackages();
  return absent.length === 0 ? undefined : `The test bed needs the Debian packages ${absent.join(", ")}.`;
}

async function absentPackages(): Promise<string[]> {
  const absent: string[] = [];
  for (const { command, debianPackage } of HOST_TOOLS) {
    if (!await onPath(command)) absent.push(debianPackage);
  }
  return absent;
}

async function onPath(command: string): Promise<boolean> {
  for (const directory of (Deno.env.get("PATH") ?? "").split(":")) {
    if (await exists(join(directory, command))) return true;
  }
  return false;
}

/** Runs a program to its end; returns its stdout. Throws `ToolFailure` with its last words. */
async function run(program: string, args: string[], cwd: string, env = {}): Promise<string> {
  const command = new Deno.Command(program, { args, cwd, env, stdin: "null" });
  const { success, stdout, stderr } = await command.output().catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ToolFailure(`The test bed is fetched with ${program}, which is not on this machine.`);
  });
  if (success) return new TextDecoder().decode(stdout);
  const lastWords = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new ToolFailure(
    `The test bed could not be fetched: ${program} ${args.at(-1)} failed (${lastWords}).`,
  );
}

/** The one thing in a folder whose name starts with `prefix`. */
async function only(folder: string, prefix: string): Promise<string> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(prefix)) return join(folder, name);
  }
  throw new ToolFailure(`${folder} holds nothing named ${prefix}*; remove ${cache} and try again.`);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

function fileName(specifier: string): string {
  return specifier.replaceAll(/[@/]+/g, "-").replace(/^-/, "");
}

async function digest(strings: string[]): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(strings.join("\n")));
  return new Uint8Array(hash).toHex().slice(0, 12);
}
