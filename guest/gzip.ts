// Unpacking gzip (RFC 1952) with a bound on what comes out: a small file can unpack to any size.

import { GuestImageError } from "./guest_error.ts";
import { formatSize } from "./ram.ts";

// Deno's DecompressionStream unpacks each write whole; deflate grows it at most 1,032 times.
const STEP = 64 * 1024;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** What one gzip member unpacks to. Throws GuestImageError when it is not intact or exceeds `limit` bytes. */
export async function gunzip(bytes: Uint8Array, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const unpacked = ReadableStream.from(steps(bytes)).pipeThrough(new DecompressionStream("gzip"));
    for await (const chunk of unpacked) {
      size += chunk.length;
      if (size > limit) {
        throw new GuestImageError(
          `the kernel unpacks to more than all ${formatSize(limit)} of memory; give a larger --memory`,
        );
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new GuestImageError(
      "the kernel is a gzip file that is damaged or cut short; `gzip -t` must accept it",
    );
  }
  return joined(chunks, size);
}

function* steps(bytes: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += STEP) yield bytes.slice(at, at + STEP);
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
