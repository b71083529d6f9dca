// virtio entropy (VIRTIO 1.2, "Entropy Device"): fills the driver's buffers with random bytes.

import type { VirtioDevice } from "./device.ts";
import { cut, scatter } from "./buffers.ts";
import type { Chain } from "./chain.ts";

/** Fills `into`, at most 4096 bytes of ordinary memory; `crypto.getRandomValues` is one. */
export type RandomSource = (into: Uint8Array<ArrayBuffer>) => void;

const PIECE = 4096;
/** Most bytes for one request: a driver has to take fewer than it asked for. */
const MOST = 65536;

export function createVirtioEntropy(random: RandomSource): VirtioDevice {
  const scratch = new Uint8Array(PIECE);

  function fill({ writable }: Chain): number {
    for (let filled = 0; filled < MOST;) {
      random(scratch);
      const copied = scatter(scratch, cut(writable, filled, PIECE));
      filled += copied;
      if (copied < PIECE) return filled;
    }
    return MOST;
  }

  return {
    name: "virtio-entropy",
    deviceId: 4,
    features: [],
    queueSizes: [64],
    config: new Uint8Array(0),
    negotiated: () => {},
    handle(queue) {
      for (let chain = queue.pop(); chain !== undefined; chain = queue.pop()) queue.push(chain, fill(chain));
    },
    reset: () => {},
  };
}
