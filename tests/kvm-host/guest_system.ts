// Debian's arm64 kernel with a busybox userspace, for tests that boot it as a guest.

import { join } from "@std/path";
import { BedError } from "./errors.ts";
import { busyboxSystem } from "./initramfs.ts";
import { requireParts } from "./launch.ts";
import { archive, type ArchiveEntry, file } from "./newc.ts";

/** Debian's kernel has these as modules; none depends on another module. */
const MODULES = {
  "virtio_mmio.ko": "kernel/drivers/virtio/virtio_mmio.ko.xz",
  "virtio_blk.ko": "kernel/drivers/block/virtio_blk.ko.xz",
  "virtio-rng.ko": "kernel/drivers/char/hw_random/virtio-rng.ko.xz",
} as const;

const guestPrologue = `#!/bin/busybox sh
export PATH=/bin HOME=/root
/bin/busybox --install -s /bin
mount -t devtmpfs none /dev
mount -t proc none /proc
mount -t sysfs none /sys
`;

/** Path of Debian's arm64 kernel here: an uncompressed Image. Throws a `BedError` where it cannot be had. */
export async function debianKernel(): Promise<string> {
  return (await requireParts()).kernelImage;
}

/** The kernel's virtio drivers, unpacked, as `/modules/virtio_mmio.ko`, `virtio_blk.ko` and `virtio-rng.ko`. */
export async function debianModules(): Promise<ArchiveEntry[]> {
  const { modules } = await requireParts();
  return await Promise.all(
    Object.entries(MODULES).map(async ([name, path]) =>
      file(`/modules/${name}`, await unxz(join(modules, path)))
    ),
  );
}

/**
 * An initramfs whose /init mounts /dev, /proc and /sys, runs the busybox shell `script` and powers off.
 * The modules are there for the script to `insmod`.
 */
export async function busyboxInitramfs(
  script: string,
  extra: readonly ArchiveEntry[] = [],
): Promise<Uint8Array<ArrayBuffer>> {
  const init = `${guestPrologue}${script}\npoweroff -f\n`;
  return archive([...busyboxSystem(await requireParts(), init), ...await debianModules(), ...extra]);
}

async function unxz(path: string): Promise<Uint8Array> {
  const { success, stdout } = await new Deno.Command("xz", { args: ["-dc", path] }).output();
  if (success) return stdout;
  throw new BedError(`xz cannot unpack ${path}; remove .cache/kvm-host and try again.`);
}
