// Debian's U-Boot, what is typed to it, and what must come of that, whichever backend runs it.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";

export const uBoot = "/usr/lib/u-boot/qemu_arm64/u-boot.bin";

/** As `requireBed`: whether it is installed; else says why a test is skipped, or throws under CI=true. */
export function requireUBoot(): boolean {
  try {
    return Deno.statSync(uBoot).isFile;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) || Deno.env.get("CI") === "true") throw error;
    console.error(`skipped: ${uBoot} is missing (Debian: u-boot-qemu)`);
    return false;
  }
}

/** Of the second bank's file, which is shorter than the bank. */
const variablesSize = 1 << 19;
const erasedAt = 0x4_0000;

/** The first key stops the countdown. A command that looks for Ctrl-C takes keys after it: spaces. */
export const type = (...commands: string[]) => commands.map((command) => `    ${command}\r`).join("");

const typed = type(
  "version",
  "bdinfo",
  "virtio info",
  "md.l 0 4",
  "mw.b 41000000 5a 40",
  "erase 4040000 407ffff",
  "cp.b 41000000 4040000 40",
  "md.b 4040000 4",
  "poweroff",
);

/** What `velum run` is given in `folder`, and its input. */
export function uBootRun(
  folder: string,
  ...more: string[]
): { args: string[]; stdin: string; variables: string } {
  const drive = join(folder, "disk.img"), variables = join(folder, "variables.img");
  Deno.writeFileSync(drive, new Uint8Array(1 << 20));
  Deno.writeFileSync(variables, new Uint8Array(variablesSize));
  const args = ["run", "--bios", uBoot, "--flash", variables, "--drive", `${drive},ro`, ...more];
  return { args, stdin: typed, variables };
}

/** @param variables the file's content afterwards */
export function checkUBoot(said: string, status: number, variables: Uint8Array) {
  assertEquals(status, 0, said);
  assertMatch(said, /=> +version\s+U-Boot \d{4}/);
  assertStringIncludes(said, "-> start    = 0x0000000040000000");
  assertStringIncludes(said, "Capacity: 1.0 MB = 0.0 GB (2048 x 512)");
  const program = new DataView(Deno.readFileSync(uBoot).buffer);
  const words = [0, 4, 8, 12].map((at) => program.getUint32(at, true).toString(16).padStart(8, "0"));
  assertStringIncludes(said, `00000000: ${words.join(" ")}`);
  assertStringIncludes(said, "04040000: 5a 5a 5a 5a");
  const expected = new Uint8Array(variablesSize);
  expected.fill(0xff, erasedAt).fill(0x5a, erasedAt, erasedAt + 0x40);
  assertEquals(variables, expected, "the file differs from what was programmed");
}
