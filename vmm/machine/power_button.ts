// The machine's power button, pressed from outside: what asks a guest to end by itself.

import type { Alarm } from "./alarm.ts";

export interface PowerButtonHost {
  /** How many presses were asked for since the last call. */
  takePresses(): number;
  /** The button goes down, or comes up again. */
  hold(isHeld: boolean): void;
  readonly alarm: Alarm;
}

/** Long enough for a driver that waits until a button no longer bounces: Linux's waits 5 ms if nobody says otherwise. */
const heldSeconds = 0.1;

export function createPowerButton({ takePresses, hold, alarm }: PowerButtonHost) {
  let isHeld = false;

  function set(level: boolean) {
    isHeld = level;
    hold(level);
  }

  return {
    /** Presses the button if that was asked for; while it is held, a press is none. */
    feed() {
      if (takePresses() === 0 || isHeld) return;
      set(true);
      alarm.schedule(heldSeconds, () => set(false));
    },
  };
}
