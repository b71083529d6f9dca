// How an ioctl's number is made of its direction, type, ordinal and argument size (asm-generic/ioctl.h).

import type { ErrnoName } from "./errno.ts";

const KVMIO = 0xae;

const direction = { none: 0, write: 1, read: 2, readWrite: 3 } as const;

/** A structure as far as whoever passes it on need know it. */
export interface Layout {
  readonly name: string;
  readonly size: number;
  readonly offsets: Readonly<Record<string, number>>;
  unpack(bytes: Uint8Array): Record<string, unknown>;
}

export type Handle = "system" | "vm" | "vcpu" | "device";

/** One call of the contract. */
export interface Ioctl {
  readonly name: string;
  readonly number: number;
  readonly on: Handle;
  /** Nothing, an integer by value, or the address of a structure. */
  readonly argument: "none" | "integer" | Layout;
  /** The structure's member that holds the address of further bytes. */
  readonly pointer?: string;
  /** What the call does, as one clause. */
  readonly does: string;
  /** What the document says of it, as a sentence without its full stop. */
  readonly says: string;
  /** What the document says each error means, as a clause. */
  readonly errors: Readonly<Partial<Record<ErrnoName, string>>>;
}

type Rest = Omit<Ioctl, "number" | "argument">;

function encode(way: keyof typeof direction, ordinal: number, size: number): number {
  return (direction[way] << 30 | size << 16 | KVMIO << 8 | ordinal) >>> 0;
}

/** An ioctl without a structure: its third parameter is unused or an integer. */
export function io(ordinal: number, argument: "none" | "integer", rest: Rest): Ioctl {
  return { ...rest, argument, number: encode("none", ordinal, 0) };
}

/** An ioctl whose structure the kernel reads, writes, or both, as its header declares it. */
export function iow(ordinal: number, argument: Layout, rest: Rest): Ioctl {
  return { ...rest, argument, number: encode("write", ordinal, argument.size) };
}

export function ior(ordinal: number, argument: Layout, rest: Rest): Ioctl {
  return { ...rest, argument, number: encode("read", ordinal, argument.size) };
}

export function iowr(ordinal: number, argument: Layout, rest: Rest): Ioctl {
  return { ...rest, argument, number: encode("readWrite", ordinal, argument.size) };
}
