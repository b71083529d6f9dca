// The lock over an interrupt controller's shared words. It is held for a few dozen loads and stores and never
// while calling out, so that a thread that finds it taken turns round a few times before it sleeps.

const free = 0, taken = 1, awaited = 2;
const spins = 200;

export function lock(words: Int32Array, at: number) {
  for (let n = 0; n < spins; n++) {
    if (Atomics.compareExchange(words, at, free, taken) === free) return;
  }
  while (Atomics.exchange(words, at, awaited) !== free) Atomics.wait(words, at, awaited);
}

export function unlock(words: Int32Array, at: number) {
  if (Atomics.exchange(words, at, free) === awaited) Atomics.notify(words, at, 1);
}
