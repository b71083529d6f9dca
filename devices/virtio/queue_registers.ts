// The registers by which a driver sets up queues (VIRTIO 1.2, "MMIO Device Register Layout": QueueSel to
// QueueDeviceHigh). Each applies to the queue that QueueSel names.

import type { Register, RegisterTable } from "../registers.ts";
import type { DeviceQueue, QueueLayout } from "./queue.ts";

export interface QueueRegisters {
  readonly table: RegisterTable;
  reset(): void;
}

export interface QueueRegistersHost {
  /** What the driver negotiated about every queue. */
  features(): Pick<QueueLayout, "indirect" | "eventIndex">;
  misuse(what: string): void;
}

/** A queue and what the driver has said about it so far. */
interface Setup {
  readonly queue: DeviceQueue;
  readonly maximum: number;
  size: number;
  /** Low and high words of the addresses of descriptor table, available ring and used ring. */
  readonly words: Uint32Array;
}

export function createQueueRegisters(
  queues: readonly DeviceQueue[],
  maximums: readonly number[],
  host: QueueRegistersHost,
): QueueRegisters {
  const setups = queues.map((queue, index): Setup => (
    { queue, maximum: maximums[index] ?? 0, size: 0, words: new Uint32Array(6) }
  ));
  let selected = 0;

  function stopped(name: string): Setup | undefined {
    const setup = setups[selected];
    if (setup === undefined) host.misuse(`${name} was written for queue ${selected}, which is not there`);
    else if (!setup.queue.running()) return setup;
    else host.misuse(`${name} was written while queue ${selected} was ready`);
    return undefined;
  }

  function setSize(value: number): void {
    const setup = stopped("QueueNum");
    if (setup !== undefined) setup.size = value;
  }

  function setReady(value: number): void {
    const setup = setups[selected];
    if (value === 0) return setup?.queue.stop();
    if (stopped("QueueReady") === undefined || setup === undefined) return;
    setup.queue.start({ ...host.features(), ...layoutOf(setup) });
  }

  const addressWord = (at: number, name: string, word: number): Register => ({
    at,
    write(value) {
      const setup = stopped(name);
      if (setup !== undefined) setup.words[word] = value;
    },
  });

  function reset(): void {
    selected = 0;
    for (const { queue, words } of setups) {
      queue.stop();
      words.fill(0);
    }
    for (const setup of setups) setup.size = 0;
  }

  return {
    table: {
      QueueSel: { at: 0x030, write: (value) => void (selected = value) },
      QueueNumMax: { at: 0x034, read: () => setups[selected]?.maximum ?? 0 },
      QueueNum: { at: 0x038, write: setSize },
      QueueReady: {
        at: 0x044,
        read: () => Number(setups[selected]?.queue.running() ?? false),
        write: setReady,
      },
      QueueDescLow: addressWord(0x080, "QueueDescLow", 0),
      QueueDescHigh: addressWord(0x084, "QueueDescHigh", 1),
      QueueDriverLow: addressWord(0x090, "QueueDriverLow", 2),
      QueueDriverHigh: addressWord(0x094, "QueueDriverHigh", 3),
      QueueDeviceLow: addressWord(0x0a0, "QueueDeviceLow", 4),
      QueueDeviceHigh: addressWord(0x0a4, "QueueDeviceHigh", 5),
    },
    reset,
  };
}

function layoutOf({ size, words }: Setup): Omit<QueueLayout, "indirect" | "eventIndex"> {
  const address = (word: number) => (words[word + 1] ?? 0) * 2 ** 32 + (words[word] ?? 0);
  return { size, descriptors: address(0), available: address(2), used: address(4) };
}
