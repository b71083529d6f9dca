// Debian's kernel with the busybox initramfs made here, booted by QEMU alone.

import { join } from "@std/path";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { requireBed } from "./bed.ts";
import { busyboxInitramfs, debianKernel } from "./guest_system.ts";
import { file } from "./newc.ts";

const script = `
cat /given
for driver in virtio_mmio virtio_blk virtio-rng; do insmod /modules/$driver.ko; done
echo "drive $(cat /sys/block/vda/size) sectors, $(cat /sys/class/misc/hw_random/rng_current)"
mke2fs /dev/vda >/dev/null && mkdir /drive && mount -t ext4 /dev/vda /drive && echo mounted
`;

Deno.test({
  name: "the busybox initramfs boots under Debian's kernel, its modules load, and it powers off",
  ignore: !await requireBed(),
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const [initramfs, drive] = [join(folder, "initramfs"), join(folder, "drive")];
      await Deno.writeFile(initramfs, await busyboxInitramfs(script, [file("/given", "given\n")]));
      await Deno.writeFile(drive, new Uint8Array(8 << 20));
      const { code, stdout } = await new Deno.Command("timeout", {
        args: [
          ...["120", "qemu-system-aarch64", "-M", "virt", "-cpu", "max,pauth-impdef=on", "-m", "512"],
          ...[
            "-nic",
            "none",
            "-nographic",
            "-no-reboot",
            "-kernel",
            await debianKernel(),
            "-initrd",
            initramfs,
          ],
          ...["-append", "console=ttyAMA0 quiet panic=-1", "-device", "virtio-rng-device"],
          ...[
            "-drive",
            `if=none,id=drive,format=raw,file=${drive}`,
            "-device",
            "virtio-blk-device,drive=drive",
          ],
        ],
      }).output();
      const said = new TextDecoder().decode(stdout).replaceAll("\r", "");
      assertStringIncludes(said, "given\ndrive 16384 sectors, virtio_rng.0\nmounted\n");
      assertEquals(code, 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
