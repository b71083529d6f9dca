// A seeded random source: the same seed gives the same test every time (mulberry32).

export interface Random {
  /** A 32-bit unsigned number. */
  word(): number;
  /** From 0 to `limit` - 1. */
  below(limit: number): number;
  /** One of these. */
  of<T>(choices: readonly T[]): T;
}

export function seededRandom(seed: number): Random {
  let state = seed;
  function word(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return (mixed ^ mixed >>> 14) >>> 0;
  }
  const below = (limit: number) => word() % limit;
  return {
    word,
    below,
    of(choices) {
      const choice = choices[below(choices.length)];
      if (choice === undefined) throw new RangeError("there is nothing to choose from");
      return choice;
    },
  };
}
