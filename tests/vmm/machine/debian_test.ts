// Debian's arm64 kernel with a busybox initramfs as Velum's guest, on real KVM in the test bed: to userspace on
// one vcpu and two, with what was negotiated in /proc/cpuinfo, and with a disk whose content reaches the host.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type BedResult, requireBed, runInBed } from "../../kvm-host/bed.ts";
import { busyboxInitramfs, debianKernel } from "../../kvm-host/guest_system.ts";
import { intactLines, sveStateProgram } from "./guest_programs/sve_state.ts";

/** Tells what the guest sees, then copies a line to the disk if there is one, and takes a line typed to it. */
const guestScript = `
for module in /modules/*.ko; do insmod $module; done
echo "cpus: $(nproc)"
grep -m1 Features /proc/cpuinfo
echo "vector length: $(cat /proc/sys/abi/sve_default_vector_length 2>/dev/null || echo none)"
grep -q ' sve ' /proc/cpuinfo && /sve_state 16 32 64
echo "random: $(cat /sys/class/misc/hw_random/rng_current)"
if [ -b /dev/vda ]; then
  mkdir /disk
  mount /dev/vda /disk
  cat /disk/from_host
  echo "written by the guest" > /disk/from_guest
  umount /disk
fi
if [ -b /dev/vdb ]; then
  echo 1 2>/dev/null > /dev/vdb && echo "the read-only drive was written" || echo "the read-only drive was not written"
fi
read line < /dev/console
echo "typed: $line"
`;

const hostLine = "written by the host\n";

interface Boots {
  readonly plain: BedResult;
  readonly bare: BedResult;
  readonly withDisk: BedResult;
  /** What the host finds on the disk afterwards. */
  readonly found: string;
}

/** One boot of the bed for all of it. */
async function boot(folder: string): Promise<Boots> {
  const initrd = join(folder, "initrd.cpio");
  const disk = join(folder, "disk.img");
  const fixed = join(folder, "fixed.img");
  Deno.writeFileSync(initrd, await busyboxInitramfs(guestScript, [await sveStateProgram()]));
  Deno.writeFileSync(fixed, new Uint8Array(1 << 20));
  await makeDisk(folder, disk);
  const run = [
    "run",
    "--kernel",
    await debianKernel(),
    "--initrd",
    initrd,
    "--append",
    "console=ttyAMA0 quiet",
  ];
  const limits = { stdin: "hello\n", timeoutSeconds: 300 };
  const [plain, bare, withDisk] = await runInBed("max", [
    { argv: run, ...limits },
    { argv: [...run, "--sve", "off", "--ptrauth", "off", "--pmu", "off"], ...limits },
    {
      argv: [...run, "--sve", "max=512", "--cpus", "2", "--drive", disk, "--drive", `${fixed},ro`],
      ...limits,
    },
  ]);
  assertEquals(Deno.readFileSync(fixed), new Uint8Array(1 << 20), "the read-only drive has changed");
  const found = await output("debugfs", ["-R", "cat /from_guest", disk]);
  return { plain: plain!, bare: bare!, withDisk: withDisk!, found };
}

async function makeDisk(folder: string, disk: string) {
  const content = join(folder, "content");
  Deno.mkdirSync(content);
  Deno.writeTextFileSync(join(content, "from_host"), hostLine);
  await output("mke2fs", ["-q", "-t", "ext4", "-d", content, disk, "8M"]);
}

async function output(program: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  assert(success, `${program}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

const features = ({ stdout }: BedResult) => stdout.match(/Features\s*: (.*)/)?.[1]?.trim().split(" ") ?? [];

Deno.test("Debian's arm64 kernel reaches userspace on KVM", { ignore: !await requireBed() }, async (t) => {
  const folder = Deno.makeTempDirSync();
  const { plain, bare, withDisk, found } = await boot(folder);
  Deno.removeSync(folder, { recursive: true });

  await t.step("on one vcpu, with the host's vector lengths and pointer authentication", () => {
    assertEquals(plain.status, 0, plain.stderr + plain.stdout);
    assertStringIncludes(plain.stdout, "cpus: 1");
    for (const feature of ["sve", "sve2", "paca", "pacg"]) assert(features(plain).includes(feature), feature);
    assertStringIncludes(plain.stdout, "vector length: 64");
  });
  await t.step("a process's SVE state survives switches, signals and changes of the vector length", () => {
    for (const { stdout } of [plain, withDisk]) {
      for (const line of intactLines([16, 32, 64])) assertStringIncludes(stdout, line);
    }
  });
  await t.step("and sees neither SVE nor pointer authentication when they are off", () => {
    assertEquals(bare.status, 0, bare.stderr + bare.stdout);
    for (const feature of ["sve", "sve2", "paca", "pacg"]) assert(!features(bare).includes(feature), feature);
    assert(features(bare).includes("asimd"));
    assertStringIncludes(bare.stdout, "vector length: none");
  });
  await t.step("on two vcpus, with a disk: what the guest wrote is there for the host", () => {
    assertEquals(withDisk.status, 0, withDisk.stderr + withDisk.stdout);
    assertStringIncludes(withDisk.stdout, "cpus: 2");
    assertStringIncludes(withDisk.stdout, hostLine.trim());
    assertEquals(found, "written by the guest\n");
  });
  await t.step("a read-only drive is not written", () => {
    assertStringIncludes(withDisk.stdout, "the read-only drive was not written");
  });
  await t.step("the entropy source is the guest's random number generator", () => {
    assertMatch(plain.stdout, /random: virtio_rng/);
  });
  await t.step("what is typed before the guest listens reaches its shell", () => {
    assertStringIncludes(plain.stdout, "typed: hello");
    assertStringIncludes(withDisk.stdout, "typed: hello");
  });
});
