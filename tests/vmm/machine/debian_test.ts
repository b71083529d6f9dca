// Debian's arm64 kernel with a busybox initramfs as Velum's guest, on real KVM in the test bed: to userspace on
// one vcpu and two, with what was negotiated in /proc/cpuinfo, and with a disk whose content reaches the host.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type BedResult, requireBed, runInBed } from "../../kvm-host/bed.ts";
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
import { intactLines, sveStateProgram } from "../../kvm-host/debian_programs/sve_state.ts";

interface Boots {
  readonly plain: BedResult;
  readonly bare: BedResult;
  readonly withDisk: BedResult;
  /** What the host finds on the disk afterwards. */
  readonly found: string;
}

/** One boot of the bed for all of it. */
async function boot(folder: string): Promise<Boots> {
  const run = await debianRun(folder, [await sveStateProgram()]);
  const disk = await makeDisk(folder);
  const fixed = join(folder, "fixed.img");
  Deno.writeFileSync(fixed, new Uint8Array(1 << 20));
  const limits = { stdin: shellInput };
  const [plain, bare, withDisk] = await runInBed("max", [
    { argv: run, ...limits },
    { argv: [...run, "--sve", "off", "--ptrauth", "off", "--pmu", "off"], ...limits },
    {
      argv: [...run, "--sve", "max=512", "--cpus", "2", "--drive", disk, "--drive", `${fixed},ro`],
      ...limits,
    },
  ]);
  assertEquals(Deno.readFileSync(fixed), new Uint8Array(1 << 20), "the read-only drive has changed");
  return { plain: plain!, bare: bare!, withDisk: withDisk!, found: await foundOn(disk) };
}

Deno.test("Debian's arm64 kernel reaches userspace on KVM", { ignore: !await requireBed() }, async (t) => {
  const folder = Deno.makeTempDirSync();
  const { plain, bare, withDisk, found } = await boot(folder);
  Deno.removeSync(folder, { recursive: true });

  await t.step("on one vcpu, with the host's vector lengths and pointer authentication", () => {
    assertEquals(plain.status, 0, plain.stderr + plain.stdout);
    assertStringIncludes(plain.stdout, "cpus: 1");
    for (const feature of ["sve", "sve2", "paca", "pacg"]) {
      assert(features(plain.stdout).includes(feature), feature);
    }
    assertStringIncludes(plain.stdout, "vector length: 64");
  });
  await t.step("a process's SVE state survives switches, signals and changes of the vector length", () => {
    for (const { stdout } of [plain, withDisk]) {
      for (const line of intactLines([16, 32, 64])) assertStringIncludes(stdout, line);
    }
  });
  await t.step("and sees neither SVE nor pointer authentication when they are off", () => {
    assertEquals(bare.status, 0, bare.stderr + bare.stdout);
    for (const feature of ["sve", "sve2", "paca", "pacg"]) {
      assert(!features(bare.stdout).includes(feature), feature);
    }
    assert(features(bare.stdout).includes("asimd"));
    assertStringIncludes(bare.stdout, "vector length: none");
  });
  await t.step("on two vcpus, with a disk: what the guest wrote is there for the host", () => {
    assertEquals(withDisk.status, 0, withDisk.stderr + withDisk.stdout);
    assertStringIncludes(withDisk.stdout, "cpus: 2");
    assertStringIncludes(withDisk.stdout, hostLine.trim());
    assertEquals(found, guestLine);
  });
  await t.step("a read-only drive is not written", () => {
    assertStringIncludes(withDisk.stdout, "the read-only drive was not written");
  });
  await t.step("the entropy source is the guest's random number generator", () => {
    assertMatch(plain.stdout, /random: virtio_rng/);
  });
  await t.step("what is typed before the guest listens reaches its shell", () => {
    assertStringIncludes(plain.stdout, shellAnswer);
    assertStringIncludes(withDisk.stdout, shellAnswer);
  });
});
