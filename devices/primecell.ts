// What Arm's PrimeCell peripherals have in common: the raw, mask and masked interrupt registers, and the
// eight identification registers at the end of their 4 KiB (Arm DDI 0183 and DDI 0224, "Register
// descriptions": PeriphID0-3, PCellID0-3).

import type { InterruptLine } from "./device.ts";
import type { RegisterTable } from "./registers.ts";

export interface Interrupts {
  /** RIS: what has happened. */
  raw(): number;
  /** IMSC: what may interrupt. */
  mask(): number;
  /** MIS: what interrupts now. */
  masked(): number;
  raise(bits: number): void;
  clear(bits: number): void;
  setMask(bits: number): void;
  reset(): void;
}

/** The interrupt registers behind one line; the line is called only when its level changes. */
export function createInterrupts(line: InterruptLine): Interrupts {
  let raw = 0;
  let mask = 0;
  let level = false;

  function set(newRaw: number, newMask: number): void {
    raw = newRaw;
    mask = newMask;
    const newLevel = (raw & mask) !== 0;
    if (newLevel === level) return;
    level = newLevel;
    line(level);
  }

  return {
    raw: () => raw,
    mask: () => mask,
    masked: () => raw & mask,
    raise: (bits) => set(raw | bits, mask),
    clear: (bits) => set(raw & ~bits, mask),
    setMask: (bits) => set(raw, bits),
    reset: () => set(0, 0),
  };
}

/** The identification registers of the PrimeCell with this part number, designer Arm. */
export function identification(part: number, revision: number): RegisterTable {
  return {
    PeriphID0: { at: 0xfe0, read: () => part & 0xff },
    PeriphID1: { at: 0xfe4, read: () => 0x10 | part >> 8 },
    PeriphID2: { at: 0xfe8, read: () => revision << 4 | 0x4 },
    PeriphID3: { at: 0xfec, read: () => 0x00 },
    PCellID0: { at: 0xff0, read: () => 0x0d },
    PCellID1: { at: 0xff4, read: () => 0xf0 },
    PCellID2: { at: 0xff8, read: () => 0x05 },
    PCellID3: { at: 0xffc, read: () => 0xb1 },
  };
}
