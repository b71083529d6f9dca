// What every device is to the bus: a window of registers that answers reads and takes writes.
// Widths are 1, 2 or 4 bytes; the bus splits an 8-byte access into its two words, low word first.

export type Width = 1 | 2 | 4;

export interface Device {
  readonly name: string;
  /** Bytes of address space the device answers in. */
  readonly size: number;
  /** The value at `offset`, zero-extended. Never throws: what is not there reads as zero. */
  read(offset: number, width: Width): number;
  /** What reads the 32-bit register at `offset`, for a bus that is asked for it again and again; undefined: `read` does. */
  readerAt?(offset: number): (() => number) | undefined;
  /** Takes an unsigned `value`. Never throws: what may not be written is ignored. */
  write(offset: number, width: Width, value: number): void;
  /** Puts everything the guest can see back to its power-on state, the interrupt line included. */
  reset(): void;
}

/** Drives one interrupt line of the interrupt controller; level-triggered, so `true` holds until `false`. */
export type InterruptLine = (level: boolean) => void;

/** Told what a guest did that its device's manual does not allow; the guest itself sees nothing of it. */
export type Misuse = (device: string, what: string) => void;
