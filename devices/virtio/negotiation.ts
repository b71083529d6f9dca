// Feature negotiation, the device's side (VIRTIO 1.2, "Feature Bits", and the four feature registers of
// "MMIO Device Register Layout"): 32 bits at a time, through a window that a selector moves.

import type { RegisterTable } from "../registers.ts";
import { VIRTIO_F_EVENT_IDX, VIRTIO_F_INDIRECT_DESC, VIRTIO_F_VERSION_1 } from "./device.ts";

export interface Negotiation {
  readonly table: RegisterTable;
  /** The driver says it is done: the features that hold from now on, or why its choice is refused. */
  conclude(): ReadonlySet<number> | string;
  reset(): void;
}

/** `late` is told of a driver that changes its mind after FEATURES_OK. */
export function createNegotiation(own: readonly number[], late: () => void): Negotiation {
  const features = [...own, VIRTIO_F_INDIRECT_DESC, VIRTIO_F_EVENT_IDX, VIRTIO_F_VERSION_1];
  const offered = words(features);
  const taken = new Uint32Array(2);
  let beyond = false;
  let deviceWord = 0;
  let driverWord = 0;
  let concluded = false;

  function take(value: number): void {
    if (concluded) late();
    else if (driverWord < taken.length) taken[driverWord] = value;
    else beyond ||= value !== 0;
  }

  function conclude(): ReadonlySet<number> | string {
    if (beyond || taken.some((word, index) => (word & ~(offered[index] ?? 0)) !== 0)) {
      return "the driver took a feature that was not offered";
    }
    const accepted = new Set(features.filter((bit) => (taken[bit >> 5] ?? 0) & 1 << (bit & 31)));
    if (!accepted.has(VIRTIO_F_VERSION_1)) return "the driver did not take VIRTIO_F_VERSION_1";
    concluded = true;
    return accepted;
  }

  function reset(): void {
    taken.fill(0);
    deviceWord = driverWord = 0;
    beyond = concluded = false;
  }

  return {
    table: {
      DeviceFeatures: { at: 0x010, read: () => offered[deviceWord] ?? 0 },
      DeviceFeaturesSel: { at: 0x014, write: (value) => void (deviceWord = value) },
      DriverFeatures: { at: 0x020, write: take },
      DriverFeaturesSel: { at: 0x024, write: (value) => void (driverWord = value) },
    },
    conclude,
    reset,
  };
}

function words(bits: readonly number[]): Uint32Array {
  const result = new Uint32Array(2);
  for (const bit of bits) result[bit >> 5] = (result[bit >> 5] ?? 0) | 1 << (bit & 31);
  return result;
}
