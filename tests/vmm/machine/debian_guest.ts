// Debian's arm64 kernel with a busybox initramfs as Velum's guest, whichever backend runs it: what the guest does,
// what is typed to it, and its disk.

import { assert } from "@std/assert";
import { join } from "@std/path";
import { busyboxInitramfs, debianKernel } from "../../kvm-host/guest_system.ts";
import type { ArchiveEntry } from "../../kvm-host/newc.ts";

/** Tells what the guest sees, copies a line to the disk if there is one, and ends in a shell on the console. */
const guestScript = `
for module in /modules/*.ko; do insmod $module; done
echo "cpus: $(nproc)"
grep -m1 Features /proc/cpuinfo
echo "vector length: $(cat /proc/sys/abi/sve_default_vector_length 2>/dev/null || echo none)"
[ -x /sve_state ] && grep -q ' sve ' /proc/cpuinfo && /sve_state 16 32 64
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
sh -i < /dev/console
`;

/** What the shell is told, before it listens, and what it says to that. */
export const shellInput = "echo typed: $((6 * 7))\nexit\n";
export const shellAnswer = "typed: 42";

export const hostLine = "written by the host\n";
export const guestLine = "written by the guest\n";

/** `velum run`'s arguments for it, its files being in `folder`; `extra` files are the guest's. */
export async function debianRun(folder: string, extra: readonly ArchiveEntry[] = []): Promise<string[]> {
  const initrd = join(folder, "initrd.cpio");
  Deno.writeFileSync(initrd, await busyboxInitramfs(guestScript, extra));
  const kernel = await debianKernel();
  return ["run", "--kernel", kernel, "--initrd", initrd, "--append", "console=ttyAMA0 quiet"];
}

/** Makes a disk with a file system that has `hostLine`. */
export async function makeDisk(folder: string): Promise<string> {
  const disk = join(folder, "disk.img");
  const content = join(folder, "content");
  Deno.mkdirSync(content);
  Deno.writeTextFileSync(join(content, "from_host"), hostLine);
  await output("mke2fs", ["-q", "-t", "ext4", "-d", content, disk, "8M"]);
  return disk;
}

/** What the guest has written on the disk. */
export const foundOn = (disk: string) => output("debugfs", ["-R", "cat /from_guest", disk]);

async function output(program: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  assert(success, `${program}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

export const features = (said: string) => said.match(/Features\s*: (.*)/)?.[1]?.trim().split(" ") ?? [];
