// The PL031 real time clock (Arm DDI 0224, "Summary of PrimeCell RTC registers"): a 32-bit count of
// seconds that follows the host's clock, and an interrupt when it reaches the match register.

import type { Device, InterruptLine, Misuse } from "./device.ts";
import { createInterrupts, identification } from "./primecell.ts";
import { createRegisters } from "./registers.ts";

export interface Pl031Host {
  /** Seconds since 1970, with their fraction. */
  now(): number;
  /** Calls back once, that many seconds from now (up to 2^32), instead of any call still due; undefined: never. */
  schedule(secondsFromNow: number | undefined, callback: () => void): void;
  interrupt: InterruptLine;
  misuse: Misuse;
}

const MATCH = 1;

export function createPl031({ now, schedule, interrupt, misuse }: Pl031Host): Device {
  const interrupts = createInterrupts(interrupt);
  let offset = 0;
  let match = 0;
  let load = 0;

  const count = () => (Math.floor(now()) + offset) >>> 0;
  const onMatch = () => interrupts.raise(MATCH);

  function arm(): void {
    const seconds = now();
    const ticks = (match - Math.floor(seconds) - offset) >>> 0;
    if (ticks !== 0) return schedule(ticks - (seconds - Math.floor(seconds)), onMatch);
    schedule(undefined, onMatch);
    onMatch();
  }

  function setCount(value: number): void {
    load = value;
    offset = (value - Math.floor(now())) >>> 0;
    arm();
  }

  function setMatch(value: number): void {
    match = value;
    arm();
  }

  function reset(): void {
    offset = match = load = 0;
    schedule(undefined, onMatch);
    interrupts.reset();
  }

  const registers = createRegisters("pl031", 0x1000, {
    DR: { at: 0x000, read: count },
    MR: { at: 0x004, read: () => match, write: setMatch },
    LR: { at: 0x008, read: () => load, write: setCount },
    // Deviation: the counter always runs, as if firmware had started it; once started it never stops.
    CR: { at: 0x00c, read: () => 1, write: () => {} },
    IMSC: { at: 0x010, read: interrupts.mask, write: (value) => interrupts.setMask(value & MATCH) },
    RIS: { at: 0x014, read: interrupts.raw },
    MIS: { at: 0x018, read: interrupts.masked },
    ICR: { at: 0x01c, write: (value) => interrupts.clear(value & MATCH) },
    ...identification(0x031, 1),
  }, misuse);
  return { ...registers, reset };
}
