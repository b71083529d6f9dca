// The simplest virtio device, for tests of queues and transport: it fills every writable buffer with 0xaa
// and remembers how many bytes it was given to read.

import type { VirtioDevice } from "../../../devices/virtio/device.ts";
import { totalLength } from "../../../devices/virtio/buffers.ts";

export interface Filler extends VirtioDevice {
  readonly requests: number[];
  readonly agreed: number[];
  resets: number;
}

export function createFiller(features: readonly number[] = [], queueSizes: readonly number[] = [16]): Filler {
  const config = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const filler: Filler = {
    name: "filler",
    deviceId: 42,
    features,
    queueSizes,
    config,
    requests: [],
    agreed: [],
    resets: 0,
    writeConfig(offset, width, value) {
      if (offset !== 4 || width !== 1) return false;
      config[4] = value;
      return true;
    },
    negotiated: (taken) => void filler.agreed.push(...taken),
    handle(queue) {
      for (let chain = queue.pop(); chain !== undefined; chain = queue.pop()) {
        filler.requests.push(totalLength(chain.readable));
        for (const buffer of chain.writable) buffer.fill(0xaa);
        queue.push(chain, totalLength(chain.writable));
      }
    },
    reset: () => void filler.resets++,
  };
  return filler;
}
