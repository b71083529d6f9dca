// The exit device, Velum's own: one 32-bit register, EXIT, at offset 0. Writing it ends the VM with the
// low eight bits of the value as exit status; it reads as zero. In the device tree: "velum,exit".

import type { Device, Misuse } from "./device.ts";
import { createRegisters } from "./registers.ts";

export interface ExitDeviceHost {
  /** Ends the VM; `status` is 0 to 255. */
  exit(status: number): void;
  misuse: Misuse;
}

export function createExitDevice({ exit, misuse }: ExitDeviceHost): Device {
  return {
    ...createRegisters("exit", 0x1000, {
      EXIT: { at: 0, read: () => 0, write: (status) => exit(status & 0xff) },
    }, misuse),
    reset: () => {},
  };
}
