// Lists of buffers as one run of bytes, because a driver may split a message over descriptors as it likes
// (VIRTIO 1.2, "Message Framing").

/** How many bytes the buffers hold together. */
export function totalLength(buffers: readonly Uint8Array[]): number {
  let total = 0;
  for (const buffer of buffers) total += buffer.length;
  return total;
}

/** Views of `length` bytes from `start`; fewer where the buffers end before that. */
export function cut(buffers: readonly Uint8Array[], start: number, length: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let skip = start;
  let left = length;
  for (const buffer of buffers) {
    if (left === 0) break;
    if (skip >= buffer.length) {
      skip -= buffer.length;
      continue;
    }
    const piece = buffer.subarray(skip, Math.min(buffer.length, skip + left));
    pieces.push(piece);
    skip = 0;
    left -= piece.length;
  }
  return pieces;
}

/** Copies from the start of the buffers until `into` is full or they end; returns how many bytes. */
export function gather(buffers: readonly Uint8Array[], into: Uint8Array): number {
  let copied = 0;
  for (const buffer of buffers) {
    if (copied === into.length) break;
    const piece = buffer.subarray(0, into.length - copied);
    into.set(piece, copied);
    copied += piece.length;
  }
  return copied;
}

/** Copies `from` to the start of the buffers until it or they end; returns how many bytes. */
export function scatter(from: Uint8Array, buffers: readonly Uint8Array[]): number {
  let copied = 0;
  for (const buffer of buffers) {
    if (copied === from.length) break;
    const piece = from.subarray(copied, copied + buffer.length);
    buffer.set(piece);
    copied += piece.length;
  }
  return copied;
}
