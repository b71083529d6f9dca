// A first-in, first-out buffer of 16-bit entries that never grows.

export interface Fifo {
  count(): number;
  /** Adds an entry; false, and nothing added, when the buffer is full. */
  push(entry: number): boolean;
  /** Takes the oldest entry; zero when there is none. */
  pop(): number;
  clear(): void;
}

/** An empty buffer for up to `capacity` entries. */
export function createFifo(capacity: number): Fifo {
  const entries = new Uint16Array(capacity);
  let first = 0;
  let count = 0;
  return {
    count: () => count,
    push(entry) {
      if (count === capacity) return false;
      entries[(first + count) % capacity] = entry;
      count++;
      return true;
    },
    pop() {
      if (count === 0) return 0;
      const entry = entries[first] ?? 0;
      first = (first + 1) % capacity;
      count--;
      return entry;
    },
    clear() {
      first = count = 0;
    },
  };
}
