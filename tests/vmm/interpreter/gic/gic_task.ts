// What gic_threads_test.ts gives its threads.

export interface Task {
  readonly role: "taker" | "sender";
  readonly vcpu: number;
  readonly vcpus: number;
  readonly interrupts: number;
  readonly words: Int32Array;
  /** For each vcpu a word that wakes it, then for each one how many interrupts it took; then a stop flag. */
  readonly shared: Int32Array;
  readonly rounds: number;
}

export const stopWord = (vcpus: number) => 2 * vcpus;
export const sharedWords = (vcpus: number) => 2 * vcpus + 1;
