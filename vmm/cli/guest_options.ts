// Options that say which guest is booted in what machine.

import { MiB } from "../../guest/ram.ts";
import type { Options } from "./options.ts";
import { vcpuOptions } from "./vcpu_options.ts";

export const guestDefaults = { guest: "hello", cpus: 1, memorySize: 512 * MiB };

export const guestOptions: Options = {
  kernel: {
    value: "FILE",
    help: "a flat binary, ELF64 or Linux Image, plain or gzipped, in place of a tiny guest",
  },
  bios: {
    value: "FILE[,rw]",
    help: "firmware that starts the guest, in flash at address 0; rw: what the guest writes there is kept",
  },
  flash: {
    value: "FILE[,ro]",
    help: "the firmware's variables, in flash at 0x4000000; written back, unless ro",
  },
  initrd: { value: "FILE", help: "an initial RAM disk for Linux" },
  append: { value: "TEXT", help: "the kernel's command line (/chosen bootargs)" },
  cpus: { value: "N", help: `vcpus (${guestDefaults.cpus})` },
  memory: { value: "SIZE", help: `RAM, as 512M or 2G (${guestDefaults.memorySize / MiB}M)` },
  drive: {
    value: "FILE[,ro]",
    repeats: true,
    help: "a raw image or block device as a virtio disk; may be repeated",
  },
  ...vcpuOptions,
  dtb: { value: "FILE", help: "a device tree blob in place of the machine's own" },
  deterministic: {
    help:
      "run the same each time: by a clock that counts instructions, all vcpus on one thread (interpreter)",
  },
  seed: { value: "N", help: "what a deterministic guest's random numbers follow from (0)" },
};
