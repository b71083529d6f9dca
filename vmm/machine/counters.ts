// What a machine's isolates count while its guest runs, in memory they share. Each number has one writer, so that
// counting takes no atomic; a reader sees it a moment late.

import { exitReasonCount, exitReasons } from "../kvm/run_page.ts";
import { virtioSlots } from "./board.ts";

const windows = 64;
/** Of one virtio device. */
export const mostQueues = 4;

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
  readonly accesses: Float64Array;
  /** By virtio slot, `mostQueues` each. */
  readonly served: Float64Array;
  readonly #exits: Float64Array;

  constructor(readonly vcpus: number, readonly buffer = Counters.allocate(vcpus)) {
    const words = new Float64Array(buffer);
    this.accesses = words.subarray(0, windows);
    this.served = words.subarray(windows, windows + virtioSlots.count * mostQueues);
    this.#exits = words.subarray(windows + virtioSlots.count * mostQueues);
  }

  static allocate(vcpus: number): SharedArrayBuffer {
    return new SharedArrayBuffer(8 * (windows + virtioSlots.count * mostQueues + vcpus * exitReasonCount));
  }

  /** A vcpu's exits, by KVM_EXIT_* number. */
  exits(vcpu: number): Float64Array {
    return this.#exits.subarray(vcpu * exitReasonCount, (vcpu + 1) * exitReasonCount);
  }

  /** @param names undefined before the devices are there */
  read(names: DeviceNames | undefined): MachineCounts {
    return {
      exits: Array.from({ length: this.vcpus }, (_, vcpu) => namedExits(this.exits(vcpu))),
      mmio: notZero(names?.windows.map((name, n) => [name, this.accesses[n]!]) ?? []),
      virtio: Object.fromEntries(
        names?.virtio.map(({ name, queues }, n) =>
          [name, [...this.served.subarray(n * mostQueues, n * mostQueues + queues)]] as const
        ) ?? [],
      ),
    };
  }
}

const notZero = (counts: [string, number][]): Record<string, number> =>
  Object.fromEntries(counts.filter(([, count]) => count !== 0));

const namedExits = (counts: Float64Array) =>
  notZero(Object.entries(exitReasons).map(([name, number]) => [name, counts[number]!]));
