// A log as a stream that goes on as it grows. It takes from the log only when its reader has room, so a reader
// that is too slow misses what has been dropped meanwhile, and is told so, and costs no memory.

import type { ByteLog } from "./byte_log.ts";

const largestPiece = 1 << 16;

export const droppedNotice = (count: number) =>
  `\r\n[velum: ${count} bytes are missing here: they were dropped]\r\n`;

/** @param isOver whether the log grows no more; its bell rings when that changes */
export function followLog(
  log: ByteLog,
  from: number,
  isOver: () => boolean,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const cancelled = new AbortController();
  let at = from;
  return new ReadableStream({
    async pull(controller) {
      while (!cancelled.signal.aborted) {
        const { offset, bytes } = log.read(at, largestPiece);
        if (offset > at) controller.enqueue(new TextEncoder().encode(droppedNotice(offset - at)));
        at = offset + bytes.length;
        if (bytes.length) return controller.enqueue(bytes);
        if (isOver()) return controller.close();
        await log.bell.next(cancelled.signal);
      }
    },
    cancel: () => cancelled.abort(),
  }, { highWaterMark: 0 });
}
