// The PL061 general purpose I/O block (Arm DDI 0190, "Programmer's Model"): eight lines, each an input or an output,
// which interrupt on an edge or a level.

import type { Device, InterruptLine, Misuse } from "./device.ts";
import { createInterrupts, identification } from "./primecell.ts";
import { createRegisters, type RegisterTable } from "./registers.ts";

export interface Pl061Host {
  /** Told which lines may interrupt, a bit each, whenever that changes. */
  onEnabled(lines: number): void;
  interrupt: InterruptLine;
  misuse: Misuse;
}

export interface Pl061 extends Device {
  /** Gives line `line`, 0 to 7, this level from outside; an input has it, and an output does not feel it. */
  drive(line: number, level: boolean): void;
}

const lines = 0xff;

export function createPl061({ onEnabled, interrupt, misuse }: Pl061Host): Pl061 {
  const interrupts = createInterrupts(interrupt);
  let driven = 0;
  let output = 0;
  let direction = 0;
  let levelSense = 0;
  let bothEdges = 0;
  let event = 0;
  let alternate = 0;

  const data = () => output & direction | driven & ~direction & lines;

  /** Lines at the level or, once they changed, after the edge that GPIOIEV names. */
  const asNamed = () => ~(data() ^ event) & lines;

  /** A level interrupts for as long as it holds. */
  function setSense(value: number): void {
    interrupts.clear(levelSense);
    levelSense = value & lines;
    followLevels();
  }

  function followLevels(): void {
    interrupts.clear(levelSense & ~asNamed());
    interrupts.raise(levelSense & asNamed());
  }

  /** Whatever changes the lines; only an input's edges are looked for. */
  function change(how: () => void): void {
    const before = data();
    how();
    const edges = (data() ^ before) & ~direction & ~levelSense;
    interrupts.raise(edges & (bothEdges | asNamed()));
    followLevels();
  }

  function enable(value: number): void {
    const before = interrupts.mask();
    interrupts.setMask(value & lines);
    if (interrupts.mask() !== before) onEnabled(interrupts.mask());
  }

  /** Bits 9:2 of GPIODATA's address are a mask, so that one access reads or writes some lines and leaves the others. */
  const masked = (mask: number): [string, RegisterTable[string]] => [`GPIODATA[${mask}]`, {
    at: 4 * mask,
    read: () => data() & mask,
    write: (value) => change(() => output = output & ~(mask & direction) | value & mask & direction),
  }];

  function reset(): void {
    output =
      direction =
      levelSense =
      bothEdges =
      event =
      alternate =
        0;
    enable(0);
    interrupts.reset();
  }

  const registers = createRegisters("pl061", 0x1000, {
    ...Object.fromEntries(Array.from({ length: lines + 1 }, (_, mask) => masked(mask))),
    GPIODIR: { at: 0x400, read: () => direction, write: (value) => change(() => direction = value & lines) },
    GPIOIS: { at: 0x404, read: () => levelSense, write: setSense },
    GPIOIBE: { at: 0x408, read: () => bothEdges, write: (value) => bothEdges = value & lines },
    GPIOIEV: { at: 0x40c, read: () => event, write: (value) => change(() => event = value & lines) },
    GPIOIE: { at: 0x410, read: interrupts.mask, write: enable },
    GPIORIS: { at: 0x414, read: interrupts.raw },
    GPIOMIS: { at: 0x418, read: interrupts.masked },
    GPIOIC: { at: 0x41c, write: (value) => interrupts.clear(value & ~levelSense) },
    // Nothing here has another function for a line: the register is kept, and changes nothing.
    GPIOAFSEL: { at: 0x420, read: () => alternate, write: (value) => alternate = value & lines },
    ...identification(0x061, 0),
  }, misuse);
  return {
    ...registers,
    reset,
    drive(line, level) {
      change(() => driven = level ? driven | 1 << line : driven & ~(1 << line));
    },
  };
}
