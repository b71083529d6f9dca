// A device made of 32-bit registers, written down as its manual's register table.

import type { Device, Misuse, Width } from "./device.ts";

/** One row of a register table: without `read` it is write-only, without `write` read-only. */
export interface Register {
  /** Offset in bytes from the device's base, a multiple of 4. */
  readonly at: number;
  readonly read?: () => number;
  readonly write?: (value: number) => void;
}

/** Registers by their manual's names. */
export type RegisterTable = Readonly<Record<string, Register>>;

interface Slot {
  readonly name: string;
  readonly read: (() => number) | undefined;
  readonly write: ((value: number) => void) | undefined;
}

/**
 * The reads and writes of a device with the registers of `table` in `size` bytes. An access starts at
 * its register's first byte; a narrow one reads the low bytes and writes them zero-extended, as a
 * PrimeCell on a peripheral bus does. Anything else reads as zero or is ignored, and `misuse` is told.
 */
export function createRegisters(
  name: string,
  size: number,
  table: RegisterTable,
  misuse: Misuse,
): Pick<Device, "name" | "size" | "read" | "readerAt" | "write"> {
  const slots = layOut(name, size, table);
  return {
    name,
    size,
    read(offset: number, width: Width): number {
      const slot = slots[offset >>> 2];
      if (slot?.read === undefined || (offset & 3) !== 0) {
        misuse(name, refusal("read", slot, offset, width));
        return 0;
      }
      return truncate(slot.read(), width);
    },
    readerAt: (offset) => (offset & 3) === 0 ? slots[offset >>> 2]?.read : undefined,
    write(offset: number, width: Width, value: number): void {
      const slot = slots[offset >>> 2];
      if (slot?.write === undefined || (offset & 3) !== 0) {
        misuse(name, refusal("write", slot, offset, width));
        return;
      }
      slot.write(truncate(value, width));
    },
  };
}

/** The low `width` bytes of `value`, as an unsigned number. */
export function truncate(value: number, width: Width): number {
  return width === 4 ? value >>> 0 : value & (width === 2 ? 0xffff : 0xff);
}

function layOut(device: string, size: number, table: RegisterTable): (Slot | undefined)[] {
  const slots = new Array<Slot | undefined>(Math.ceil(size / 4)).fill(undefined);
  for (const [name, { at, read, write }] of Object.entries(table)) {
    const index = at / 4;
    if (!(index in slots)) throw new RangeError(`${device}: ${name} at ${at} is not a word of its window`);
    const taken = slots[index];
    if (taken) throw new RangeError(`${device}: ${name} and ${taken.name} are both at ${at}`);
    slots[index] = { name, read, write };
  }
  return slots;
}

function refusal(direction: "read" | "write", slot: Slot | undefined, offset: number, width: Width): string {
  const access = `${8 * width}-bit ${direction} at 0x${offset.toString(16)}`;
  if (slot === undefined) return `${access}: no register is there`;
  if ((offset & 3) !== 0) return `${access}: it does not start at ${slot.name}'s first byte`;
  return `${access}: ${slot.name} is ${direction === "read" ? "write" : "read"}-only`;
}
