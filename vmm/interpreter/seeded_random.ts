// Numbers that look random and are the same for the same seed: xoshiro128** (Blackman and Vigna, "Scrambled Linear
// Pseudorandom Number Generators"), its state filled as its authors advise. Of no use where secrecy matters.

export type FillRandom = (into: Uint8Array) => void;

export const hostRandom: FillRandom = (into) => void crypto.getRandomValues(into as Uint8Array<ArrayBuffer>);

/** @param stream of one seed there are many, each with numbers of its own */
export function seededRandom(seed: number, stream: number): FillRandom {
  const [a, b] = [mixer(seed), mixer(~stream)];
  const state = Uint32Array.from({ length: 4 }, () => a() ^ b());
  return (into) => {
    for (let at = 0; at < into.length; at += 4) {
      const word = xoshiro128(state);
      for (let n = 0; n < 4 && at + n < into.length; n++) into[at + n] = word >>> 8 * n;
    }
  };
}

const rotateLeft = (word: number, by: number) => word << by | word >>> 32 - by;

/** The next of its numbers, of 32 bits. @param state four words, not all 0 */
export function xoshiro128(state: Uint32Array): number {
  const [s0, s1, s2, s3] = state as unknown as [number, number, number, number];
  const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9);
  const [t2, t3] = [s2 ^ s0, s3 ^ s1];
  state.set([s0 ^ t3, s1 ^ t2, t2 ^ s1 << 9, rotateLeft(t3, 11)]);
  return result >>> 0;
}

/** SplitMix32. */
function mixer(seed: number): () => number {
  let state = seed;
  return () => {
    state = state + 0x9e37_79b9 | 0;
    let word = Math.imul(state ^ state >>> 16, 0x85eb_ca6b);
    word = Math.imul(word ^ word >>> 13, 0xc2b2_ae35);
    return word ^ word >>> 16;
  };
}
