// Damaged copies of a file, the same ones in every run.

/** `count` copies of `file`, each cut short or with a few bytes of its first `headerSize` replaced. */
export function* corruptions(
  file: Uint8Array,
  headerSize: number,
  count: number,
): Generator<Uint8Array<ArrayBuffer>> {
  const random = xorshift32(0x5eed);
  const below = (limit: number) => random() % Math.max(limit, 1);
  for (let n = 0; n < count; n++) {
    const copy = new Uint8Array(file);
    for (let flips = 1 + below(4); flips > 0; flips--) {
      copy[below(Math.min(headerSize, copy.length))] = INTERESTING[below(INTERESTING.length)] ?? random();
    }
    yield below(3) === 0 ? copy.slice(0, below(copy.length)) : copy;
  }
}

// The bytes that make sizes, offsets and counts extreme; undefined stands for any.
const INTERESTING = [0x00, 0x01, 0x7f, 0x80, 0xff, undefined, undefined];

function xorshift32(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
