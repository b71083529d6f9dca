// pvpanic: the guest's kernel says that it panicked (QEMU, docs/specs/pvpanic, "MMIO Interface").
// One byte: it reads as the events the device knows, and writing events reports them.

import type { Device, Misuse } from "./device.ts";
import { createRegisters } from "./registers.ts";

export type PvpanicEvent = "panicked" | "crash loaded";

export interface PvpanicHost {
  report(event: PvpanicEvent): void;
  misuse: Misuse;
}

const PANICKED = 1 << 0;
const CRASH_LOADED = 1 << 1;

export function createPvpanic({ report, misuse }: PvpanicHost): Device {
  function write(events: number): void {
    if (events & PANICKED) report("panicked");
    if (events & CRASH_LOADED) report("crash loaded");
    const unknown = events & ~(PANICKED | CRASH_LOADED);
    if (unknown) misuse("pvpanic", `events 0x${(unknown >>> 0).toString(16)} are not known`);
  }

  return {
    ...createRegisters("pvpanic", 2, {
      EVENTS: { at: 0, read: () => PANICKED | CRASH_LOADED, write },
    }, misuse),
    reset: () => {},
  };
}
