// Debian's arm64 kernel in the interpreter, to a shell that answers what is typed, on one vcpu with a disk and on
// two, with no permission but to read its files and write its disk.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { requireBed } from "../../kvm-host/bed.ts";
import {
  debianRun,
  features,
  foundOn,
  guestLine,
  hostLine,
  makeDisk,
  shellAnswer,
  shellInput,
} from "./debian_guest.ts";

const main = new URL("../../../main.ts", import.meta.url).pathname;

async function velum(permissions: string[], args: string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", "--allow-read", ...permissions, main, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(shellInput));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  return { code, said: new TextDecoder().decode(stdout), told: new TextDecoder().decode(stderr) };
}

// Its kernel and busybox are what the bed is made of.
Deno.test("Debian's arm64 kernel reaches a shell in the interpreter", {
  ignore: !await requireBed(),
}, async (t) => {
  const folder = Deno.makeTempDirSync();
  const run = [...await debianRun(folder), "--backend", "interpreter"];
  const disk = await makeDisk(folder);
  const [withDisk, onTwo] = await Promise.all([
    velum([`--allow-write=${disk}`], [...run, "--drive", disk]),
    velum([], [...run, "--cpus", "2", "--host", "neoverse-n1"]),
  ]);
  await t.step("on one vcpu, with a disk: what the guest wrote is there for the host", async () => {
    const { code, said, told } = withDisk;
    assertEquals([code, told], [0, ""], said);
    assertStringIncludes(said, "cpus: 1");
    for (const feature of ["paca", "pacg"]) assert(features(said).includes(feature), feature);
    assertStringIncludes(said, hostLine.trim());
    assertStringIncludes(said, shellAnswer);
    assertMatch(said, /random: virtio_rng/);
    assertEquals(await foundOn(disk), guestLine);
  });
  await t.step("on two vcpus, as a host without pointer authentication", () => {
    const { code, said, told } = onTwo;
    assertEquals([code, told], [0, ""], said);
    assertStringIncludes(said, "cpus: 2");
    assert(!features(said).includes("paca") && !features(said).includes("sve"));
    assertStringIncludes(said, shellAnswer);
  });
  Deno.removeSync(folder, { recursive: true });
});
