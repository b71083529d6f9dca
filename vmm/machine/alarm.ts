// Timers for an isolate whose own cannot fire, because it sleeps in KVM_RUN or Atomics.wait: another isolate
// wakes it at the earliest time asked for, and then `ring` calls back what is due.

export interface Alarm {
  /** Replaces what was scheduled before; `undefined`: nothing. */
  schedule(secondsFromNow: number | undefined, callback: () => void): void;
}

export interface Alarms {
  create(): Alarm;
  /** @param now milliseconds since 1970 */
  ring(now: number): void;
}

/**
 * @param wakeAt asks for one wake-up, in milliseconds since 1970, in place of the one asked for before
 * @param now the same clock's
 */
export function createAlarms(wakeAt: (time: number) => void, now: () => number = Date.now): Alarms {
  const pending: { due: number; callback: () => void }[] = [];

  function askForNext() {
    const next = pending.reduce((earliest, { due }) => Math.min(earliest, due), Infinity);
    if (next !== Infinity) wakeAt(next);
  }

  return {
    create() {
      const alarm = { due: Infinity, callback: () => {} };
      pending.push(alarm);
      return {
        schedule(secondsFromNow, callback) {
          alarm.due = secondsFromNow === undefined ? Infinity : now() + 1000 * secondsFromNow;
          alarm.callback = callback;
          askForNext();
        },
      };
    },
    ring(now) {
      for (const alarm of pending) {
        if (now < alarm.due) continue;
        alarm.due = Infinity;
        alarm.callback();
      }
      askForNext();
    },
  };
}
