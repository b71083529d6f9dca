// What the daemon and a VM's process send each other: frames of a length (32 bits, little-endian), a kind (one
// byte) and that many bytes, JSON or a piece of console output.

export const frameKind = { message: 0, console: 1 } as const;

export interface Frame {
  readonly kind: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const headSize = 5;
/** No honest frame is larger: a console's ring, a list of registers, a configuration. */
const largest = 1 << 20;

export function encodeFrame(kind: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(headSize + bytes.length);
  new DataView(frame.buffer).setUint32(0, bytes.length, true);
  frame[headSize - 1] = kind;
  frame.set(bytes, headSize);
  return frame;
}

export const encodeMessage = (message: unknown) =>
  encodeFrame(frameKind.message, new TextEncoder().encode(JSON.stringify(message)));

export const decodeMessage = ({ bytes }: Frame): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** The frames of a stream until it ends. Throws RangeError for one that is too large; half a frame at the end is dropped. */
export async function* readFrames(stream: ReadableStream<Uint8Array>): AsyncGenerator<Frame> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  // Pieces are joined only when they make a frame, so that a large one is not copied for each of its pieces.
  let wanted = headSize;
  for await (const piece of stream) {
    pieces.push(piece);
    size += piece.length;
    if (size < wanted) continue;
    const joined = join(pieces, size);
    let at = 0;
    for (wanted = frameSize(joined, at); at + wanted <= size; wanted = frameSize(joined, at)) {
      yield { kind: joined[at + headSize - 1]!, bytes: joined.slice(at + headSize, at + wanted) };
      at += wanted;
    }
    pieces = [joined.subarray(at)];
    size -= at;
  }
}

/** Of the frame at `at`; of its head, where not all of that is there yet. */
function frameSize(bytes: Uint8Array<ArrayBuffer>, at: number): number {
  if (bytes.length - at < headSize) return headSize;
  const length = new DataView(bytes.buffer).getUint32(at, true);
  if (length > largest) throw new RangeError(`a frame of ${length} bytes`);
  return headSize + length;
}

function join(pieces: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
