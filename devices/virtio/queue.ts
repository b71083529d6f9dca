// A split virtqueue, the device's side (VIRTIO 1.2, "Split Virtqueues").
//
// Indices are read and published with Atomics, so that a CPU on another thread sees a used element before
// the index that covers it. A ring or chain that breaks the rules stops the queue until it is started anew.

import type { GuestMemory } from "../guest_memory.ts";
import { type Chain, readChain } from "./chain.ts";

/** What a device does with a queue. */
export interface Virtqueue {
  /** The next chain that the driver made available; undefined when there is none for now. */
  pop(): Chain | undefined;
  /** Gives a chain back, with the number of bytes written at the start of its writable buffers. */
  push(chain: Chain, written: number): void;
  /** Stops the queue because a request makes no sense at all; the driver has to reset the device. */
  fail(reason: string): void;
}

/** Where the driver put a queue, in guest physical addresses, and what was negotiated about it. */
export interface QueueLayout {
  /** Entries. */
  readonly size: number;
  readonly descriptors: number;
  readonly available: number;
  readonly used: number;
  /** VIRTIO_F_INDIRECT_DESC. */
  readonly indirect: boolean;
  /** VIRTIO_F_EVENT_IDX. */
  readonly eventIndex: boolean;
}

export interface QueueHost {
  /** Used elements are there that the driver wants to be told of. */
  interrupt(): void;
  /** More is available than one call of `serve` takes: call it again soon. */
  again(): void;
  /** The queue has stopped for this reason. */
  broken(reason: string): void;
}

export interface DeviceQueue extends Virtqueue {
  /** Opens the rings; a layout that cannot be used breaks the queue. */
  start(layout: QueueLayout): void;
  stop(): void;
  running(): boolean;
  /** Lets the device take what is available, at most one queue's worth, then tells the driver. */
  serve(handle: () => void): void;
}

interface Rings {
  readonly size: number;
  readonly indirect: boolean;
  readonly table: DataView;
  /** flags, idx, ring[size], used_event. */
  readonly available: Uint16Array;
  /** flags, idx, elements, avail_event. */
  readonly used: Uint16Array;
  /** The used ring as 32-bit words: flags and idx, then id and len of each element. */
  readonly usedWords: Uint32Array;
  /** Index of avail_event in `used`, of used_event in `available`; zero when not negotiated. */
  readonly availEvent: number;
  readonly usedEvent: number;
}

const IDX = 1;
const NO_INTERRUPT = 1;

/** A stopped queue of at most `maximum` entries, a power of two up to 32768. */
export function createQueue(memory: GuestMemory, maximum: number, host: QueueHost): DeviceQueue {
  let rings: Rings | undefined;
  let nextAvailable = 0;
  let nextUsed = 0;
  let budget = 0;
  let wantsMore = false;

  function start(layout: QueueLayout): void {
    const opened = openRings(memory, maximum, layout);
    if (typeof opened === "string") return fail(opened);
    rings = opened;
    nextAvailable = nextUsed = 0;
  }

  function fail(reason: string): void {
    rings = undefined;
    host.broken(reason);
  }

  function pop(): Chain | undefined {
    if (rings === undefined) return undefined;
    const { available, size, table, indirect } = rings;
    const pending = (Atomics.load(available, IDX) - nextAvailable) & 0xffff;
    if (pending === 0 || budget === 0) {
      wantsMore = true;
      return undefined;
    }
    if (pending > size) return void fail(`${pending} chains are available in a queue of ${size}`);
    const head = available[2 + (nextAvailable & (size - 1))] ?? 0;
    // Deviation: a chain may be as long as the largest queue, as drivers that use indirect tables expect.
    const chain = readChain(memory, table, head, { indirect, limit: maximum });
    if (typeof chain === "string") return void fail(chain);
    nextAvailable = (nextAvailable + 1) & 0xffff;
    budget--;
    return chain;
  }

  function push(chain: Chain, written: number): void {
    if (rings === undefined) return;
    const element = 1 + 2 * (nextUsed & (rings.size - 1));
    rings.usedWords[element] = chain.head;
    rings.usedWords[element + 1] = written;
    nextUsed = (nextUsed + 1) & 0xffff;
    Atomics.store(rings.used, IDX, nextUsed);
  }

  function serve(handle: () => void): void {
    const usedBefore = nextUsed;
    if (rings !== undefined) budget = rings.size;
    wantsMore = false;
    handle();
    if (rings === undefined) return;
    if (wantsInterrupt(rings, usedBefore, nextUsed)) host.interrupt();
    if (rings.availEvent !== 0) Atomics.store(rings.used, rings.availEvent, nextAvailable);
    if (wantsMore && Atomics.load(rings.available, IDX) !== nextAvailable) host.again();
  }

  return {
    start,
    stop: () => rings = undefined,
    running: () => rings !== undefined,
    pop,
    push,
    fail,
    serve,
  };
}

function wantsInterrupt(rings: Rings, before: number, now: number): boolean {
  if (before === now) return false;
  if (rings.usedEvent === 0) return (Atomics.load(rings.available, 0) & NO_INTERRUPT) === 0;
  const event = Atomics.load(rings.available, rings.usedEvent);
  return ((now - event - 1) & 0xffff) < ((now - before) & 0xffff);
}

function openRings(memory: GuestMemory, maximum: number, layout: QueueLayout): Rings | string {
  const { size, descriptors, available, used, indirect, eventIndex } = layout;
  if (size === 0 || size > maximum || (size & (size - 1)) !== 0) {
    return `a queue of ${size} entries, where a power of two up to ${maximum} would do`;
  }
  const event = eventIndex ? 2 : 0;
  const tableBytes = openRing(memory, descriptors, 16 * size, 16);
  const availableBytes = openRing(memory, available, 4 + 2 * size + event, 2);
  const usedBytes = openRing(memory, used, 4 + 8 * size + event, 4);
  if (tableBytes === undefined) return describe("descriptor table", descriptors, 16);
  if (availableBytes === undefined) return describe("available ring", available, 2);
  if (usedBytes === undefined) return describe("used ring", used, 4);
  return {
    size,
    indirect,
    table: new DataView(tableBytes.buffer, tableBytes.byteOffset, tableBytes.length),
    available: new Uint16Array(availableBytes.buffer, availableBytes.byteOffset, availableBytes.length / 2),
    used: new Uint16Array(usedBytes.buffer, usedBytes.byteOffset, usedBytes.length / 2),
    usedWords: new Uint32Array(usedBytes.buffer, usedBytes.byteOffset, 1 + 2 * size),
    availEvent: eventIndex ? 2 + 4 * size : 0,
    usedEvent: eventIndex ? 2 + size : 0,
  };
}

function openRing(memory: GuestMemory, address: number, length: number, alignment: number) {
  return address % alignment === 0 ? memory.slice(address, length) : undefined;
}

function describe(ring: string, address: number, alignment: number): string {
  return `the ${ring} at 0x${address.toString(16)} is outside RAM or no multiple of ${alignment}`;
}
