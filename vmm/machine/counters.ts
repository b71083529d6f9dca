// What a machine's isolates count while its guest runs, in memory they share.

import { Tally } from "../../devices/tally.ts";
import { exitReasonCount, exitReasons } from "../kvm/run_page.ts";
import { virtioSlots } from "./board.ts";

const windows = 64;
/** Of one virtio device. */
export const mostQueues = 4;

const queues = virtioSlots.count * mostQueues;

/** What a machine's devices are called, by the places where they are counted. */
export interface DeviceNames {
  readonly windows: readonly string[];
  readonly virtio: readonly { readonly name: string; readonly queues: number }[];
}

/** All of it since the start. */
export interface MachineCounts {
  /** By vcpu, then by the exit's name. */
  readonly exits: readonly Readonly<Record<string, number>>[];
  /** Accesses, by device. */
  readonly mmio: Readonly<Record<string, number>>;
  /** How often each queue was served, by device. */
  readonly virtio: Readonly<Record<string, readonly number[]>>;
}

export class Counters {
  /** By window, by rising address. */
  readonly accesses: Tally;
  /** By virtio slot, `mostQueues` each. */
  readonly served: Tally;
  /** By vcpu, then by KVM_EXIT_* number. */
  readonly #exits: readonly Tally[];

  constructor(readonly vcpus: number, readonly buffer = Counters.allocate(vcpus)) {
    this.accesses = new Tally(windows, buffer);
    this.served = new Tally(queues, buffer, Tally.bytes(windows));
    this.#exits = Array.from(
      { length: vcpus },
      (_, vcpu) => new Tally(exitReasonCount, buffer, Tally.bytes(windows + queues + vcpu * exitReasonCount)),
    );
  }

  static allocate(vcpus: number): SharedArrayBuffer {
    return new SharedArrayBuffer(Tally.bytes(windows + queues + vcpus * exitReasonCount));
  }

  /** A vcpu's exits, by KVM_EXIT_* number. */
  exits(vcpu: number): Tally {
    return this.#exits[vcpu]!;
  }

  /** @param names undefined before the devices are there */
  read(names: DeviceNames | undefined): MachineCounts {
    return {
      exits: this.#exits.map(namedExits),
      mmio: notZero(names?.windows.map((name, n) => [name, this.accesses.get(n)]) ?? []),
      virtio: Object.fromEntries(
        names?.virtio.map(({ name, queues }, n) =>
          [
            name,
            Array.from({ length: queues }, (_, queue) => this.served.get(n * mostQueues + queue)),
          ] as const
        ) ?? [],
      ),
    };
  }
}

const notZero = (counts: [string, number][]): Record<string, number> =>
  Object.fromEntries(counts.filter(([, count]) => count !== 0));

const namedExits = (counts: Tally) =>
  notZero(Object.entries(exitReasons).map(([name, number]) => [name, counts.get(number)]));
