// The numbers of the virtio block device (VIRTIO 1.2, "Block Device": "Feature bits", "Device
// configuration layout", "Device Operation").

export const SECTOR = 512;

export const VIRTIO_BLK_F_SIZE_MAX = 1;
export const VIRTIO_BLK_F_SEG_MAX = 2;
export const VIRTIO_BLK_F_RO = 5;
export const VIRTIO_BLK_F_BLK_SIZE = 6;
export const VIRTIO_BLK_F_FLUSH = 9;
export const VIRTIO_BLK_F_CONFIG_WCE = 11;
export const VIRTIO_BLK_F_DISCARD = 13;
export const VIRTIO_BLK_F_WRITE_ZEROES = 14;

export const VIRTIO_BLK_T_IN = 0;
export const VIRTIO_BLK_T_OUT = 1;
export const VIRTIO_BLK_T_FLUSH = 4;
export const VIRTIO_BLK_T_GET_ID = 8;
export const VIRTIO_BLK_T_DISCARD = 11;
export const VIRTIO_BLK_T_WRITE_ZEROES = 13;

export const VIRTIO_BLK_S_OK = 0;
export const VIRTIO_BLK_S_IOERR = 1;
export const VIRTIO_BLK_S_UNSUPP = 2;

export const QUEUE_SIZE = 256;
/** Data segments in one request: the rest of the queue's descriptors are for header and status. */
export const SEG_MAX = QUEUE_SIZE - 2;
/** Bytes in one segment; with SEG_MAX this bounds how long one request can take. */
export const SIZE_MAX = 1 << 20;
/** Sectors in one segment to discard: 1 GiB. */
export const MAX_DISCARD_SECTORS = 1 << 21;
/** Sectors in one segment of zeroes: 16 MiB, since the host may have to write them. */
export const MAX_WRITE_ZEROES_SECTORS = 1 << 15;
/** Segments in one request to discard or to write zeroes. */
export const MAX_SEGMENTS = 1;

/** Offset of the one field that a driver may write. */
export const WRITEBACK = 32;
const CONFIG_SIZE = 60;

/** The configuration space of a device of `sectors` sectors; `discard` says whether it can. */
export function blockConfig(sectors: number, discard: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(CONFIG_SIZE));
  view.setUint32(0, sectors, true);
  view.setUint32(4, Math.floor(sectors / 2 ** 32), true);
  view.setUint32(8, SIZE_MAX, true);
  view.setUint32(12, SEG_MAX, true);
  view.setUint32(20, SECTOR, true);
  view.setUint8(WRITEBACK, 1);
  view.setUint32(36, discard ? MAX_DISCARD_SECTORS : 0, true);
  view.setUint32(40, discard ? MAX_SEGMENTS : 0, true);
  view.setUint32(44, discard ? 1 : 0, true);
  view.setUint32(48, MAX_WRITE_ZEROES_SECTORS, true);
  view.setUint32(52, MAX_SEGMENTS, true);
  view.setUint8(56, discard ? 1 : 0);
  return new Uint8Array(view.buffer);
}
