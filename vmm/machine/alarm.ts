// One timer for an isolate whose own timers cannot fire, because it sleeps in KVM_RUN or Atomics.wait: another
// isolate wakes it at the time asked for, and then `ring` calls back what is due.

export interface Alarm {
  /** Replaces what was scheduled before; `undefined`: nothing. */
  schedule(secondsFromNow: number | undefined, callback: () => void): void;
  /** @param now milliseconds since 1970 */
  ring(now: number): void;
}

/** @param wakeAt asks for a wake-up at a time in milliseconds since 1970; one that comes too early does no harm */
export function createAlarm(wakeAt: (time: number) => void): Alarm {
  let due = Infinity;
  let callback = () => {};
  return {
    schedule(secondsFromNow, then) {
      due = secondsFromNow === undefined ? Infinity : Date.now() + 1000 * secondsFromNow;
      callback = then;
      if (due !== Infinity) wakeAt(due);
    },
    ring(now) {
      if (now < due) return due === Infinity ? undefined : wakeAt(due);
      due = Infinity;
      callback();
    },
  };
}
