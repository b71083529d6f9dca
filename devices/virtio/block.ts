// virtio block (VIRTIO 1.2, "Block Device", "Device Operation"): one queue of requests to a storage of
// the host's. Requests are served in order, each before the next is looked at.

import type { VirtioDevice } from "./device.ts";
import * as layout from "./block_layout.ts";
import { cut, gather, scatter, totalLength } from "./buffers.ts";
import type { Chain } from "./chain.ts";
import type { Virtqueue } from "./queue.ts";

/** What the disk's contents are kept in. Any call may throw: the guest then sees an I/O error. */
export interface BlockStorage {
  /** In bytes; what is left over after the last whole sector of 512 is not part of the disk. */
  readonly size: number;
  readonly readOnly: boolean;
  /** What GET_ID answers: up to 20 bytes of ASCII. */
  readonly id: string;
  /** Fills `into`, a view of guest memory, from the byte `offset` on. */
  readAt(offset: number, into: Uint8Array): void;
  writeAt(offset: number, from: Uint8Array): void;
  /** Everything written before survives a power cut. */
  flush(): void;
  /** Makes bytes read as zero; with `discard` it may also give their space back. */
  writeZeroes(offset: number, length: number, discard: boolean): void;
  /** The guest no longer needs these bytes. Where this is missing, discarding is not offered. */
  readonly discard?: ((offset: number, length: number) => void) | undefined;
}

export interface VirtioBlockHost {
  readonly storage: BlockStorage;
  /** Told of every error that the storage threw. */
  storageFailed(error: unknown): void;
}

const HEADER_SIZE = 16;
const ID_SIZE = 20;
const SEGMENT_SIZE = 16;
const UNMAP = 1;

/** One disk. Without VIRTIO_BLK_F_FLUSH, or with `writeback` cleared, every write is flushed. */
export function createVirtioBlock({ storage, storageFailed }: VirtioBlockHost): VirtioDevice {
  const sectors = Math.floor(storage.size / layout.SECTOR);
  const config = layout.blockConfig(sectors, storage.discard !== undefined);
  const identifier = new Uint8Array(ID_SIZE);
  identifier.set(new TextEncoder().encode(storage.id).subarray(0, ID_SIZE));
  const header = new Uint8Array(HEADER_SIZE);
  const headerView = new DataView(header.buffer);
  const segment = new Uint8Array(SEGMENT_SIZE);
  const segmentView = new DataView(segment.buffer);
  let canFlush = false;
  /** Bytes written at the start of the present request's input. */
  let filled = 0;

  function serve(queue: Virtqueue, chain: Chain): void {
    const inputSize = totalLength(chain.writable) - 1;
    const [statusByte] = cut(chain.writable, inputSize, 1);
    if (inputSize < 0 || statusByte === undefined) return queue.fail("a request has no room for its status");
    const input = cut(chain.writable, 0, inputSize);
    filled = 0;
    statusByte[0] = attempt(chain, input);
    queue.push(chain, filled === inputSize ? inputSize + 1 : filled);
  }

  function attempt(chain: Chain, input: Uint8Array[]): number {
    if (gather(chain.readable, header) < HEADER_SIZE) return layout.VIRTIO_BLK_S_IOERR;
    try {
      return perform(cut(chain.readable, HEADER_SIZE, Infinity), input);
    } catch (error) {
      storageFailed(error);
      return layout.VIRTIO_BLK_S_IOERR;
    }
  }

  function perform(output: Uint8Array[], input: Uint8Array[]): number {
    switch (headerView.getUint32(0, true)) {
      case layout.VIRTIO_BLK_T_IN:
        return transfer(input, false);
      case layout.VIRTIO_BLK_T_OUT:
        return storage.readOnly ? layout.VIRTIO_BLK_S_IOERR : transfer(output, true);
      case layout.VIRTIO_BLK_T_FLUSH:
        storage.flush();
        return layout.VIRTIO_BLK_S_OK;
      case layout.VIRTIO_BLK_T_GET_ID:
        filled = scatter(identifier, input);
        return layout.VIRTIO_BLK_S_OK;
      case layout.VIRTIO_BLK_T_DISCARD:
        return storage.discard ? eraseSegment(output, true) : layout.VIRTIO_BLK_S_UNSUPP;
      case layout.VIRTIO_BLK_T_WRITE_ZEROES:
        return eraseSegment(output, false);
      default:
        return layout.VIRTIO_BLK_S_UNSUPP;
    }
  }

  function transfer(data: Uint8Array[], write: boolean): number {
    const sector = headerView.getUint32(8, true) + headerView.getUint32(12, true) * 2 ** 32;
    const length = totalLength(data);
    if (length % layout.SECTOR !== 0 || length > layout.SEG_MAX * layout.SIZE_MAX) {
      return layout.VIRTIO_BLK_S_IOERR;
    }
    if (sector + length / layout.SECTOR > sectors) return layout.VIRTIO_BLK_S_IOERR;
    let offset = sector * layout.SECTOR;
    for (const piece of data) {
      if (write) storage.writeAt(offset, piece);
      else {
        storage.readAt(offset, piece);
        filled += piece.length;
      }
      offset += piece.length;
    }
    if (write) settle();
    return layout.VIRTIO_BLK_S_OK;
  }

  function eraseSegment(output: Uint8Array[], discard: boolean): number {
    if (storage.readOnly || totalLength(output) !== SEGMENT_SIZE) return layout.VIRTIO_BLK_S_IOERR;
    gather(output, segment);
    const sector = segmentView.getUint32(0, true) + segmentView.getUint32(4, true) * 2 ** 32;
    const count = segmentView.getUint32(8, true);
    const flags = segmentView.getUint32(12, true);
    if (flags & ~(discard ? 0 : UNMAP)) return layout.VIRTIO_BLK_S_UNSUPP;
    const most = discard ? layout.MAX_DISCARD_SECTORS : layout.MAX_WRITE_ZEROES_SECTORS;
    if (count > most || sector + count > sectors) return layout.VIRTIO_BLK_S_IOERR;
    if (discard) storage.discard?.(sector * layout.SECTOR, count * layout.SECTOR);
    else storage.writeZeroes(sector * layout.SECTOR, count * layout.SECTOR, (flags & UNMAP) !== 0);
    settle();
    return layout.VIRTIO_BLK_S_OK;
  }

  function settle(): void {
    if (!canFlush || config[layout.WRITEBACK] === 0) storage.flush();
  }

  return {
    name: "virtio-block",
    deviceId: 2,
    features: featuresOf(storage),
    queueSizes: [layout.QUEUE_SIZE],
    config,
    writeConfig(offset, width, value) {
      if (offset !== layout.WRITEBACK || width !== 1) return false;
      config[layout.WRITEBACK] = value & 1;
      return true;
    },
    negotiated(features) {
      canFlush = features.has(layout.VIRTIO_BLK_F_FLUSH);
    },
    handle(queue) {
      for (let chain = queue.pop(); chain !== undefined; chain = queue.pop()) serve(queue, chain);
    },
    reset() {
      canFlush = false;
      config[layout.WRITEBACK] = 1;
    },
  };
}

function featuresOf(storage: BlockStorage): number[] {
  const features = [
    layout.VIRTIO_BLK_F_SIZE_MAX,
    layout.VIRTIO_BLK_F_SEG_MAX,
    layout.VIRTIO_BLK_F_BLK_SIZE,
    layout.VIRTIO_BLK_F_FLUSH,
    layout.VIRTIO_BLK_F_CONFIG_WCE,
  ];
  if (storage.readOnly) return [...features, layout.VIRTIO_BLK_F_RO];
  if (storage.discard) features.push(layout.VIRTIO_BLK_F_DISCARD);
  return [...features, layout.VIRTIO_BLK_F_WRITE_ZEROES];
}
