// What a virtio device is to its transport: VIRTIO 1.2, "Basic Facilities of a Virtio Device".
// A new device type is a new file that makes one of these.

import type { Width } from "../device.ts";
import type { Virtqueue } from "./queue.ts";

/** The feature bits that belong to the queues and the transport, which every device here offers. */
export const VIRTIO_F_INDIRECT_DESC = 28;
export const VIRTIO_F_EVENT_IDX = 29;
export const VIRTIO_F_VERSION_1 = 32;

export interface VirtioDevice {
  readonly name: string;
  /** VIRTIO 1.2, "Device Types". */
  readonly deviceId: number;
  /** Bit numbers of the device's own features, each below 64. */
  readonly features: readonly number[];
  /** The largest size of each queue, powers of two. */
  readonly queueSizes: readonly number[];
  /** The configuration space as the driver reads it now, at most 256 bytes. */
  readonly config: Uint8Array;
  /** The driver wrote `value` to the configuration space, inside `config`; false where that is read-only. */
  writeConfig?(offset: number, width: Width, value: number): boolean;
  /** The driver and the device have agreed on these feature bits. */
  negotiated(features: ReadonlySet<number>): void;
  /** Takes from queue number `index` what it can. Never throws. */
  handle(queue: Virtqueue, index: number): void;
  reset(): void;
}
