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
  return {
    /** Presses the button if that was asked for; while it is held it is held for longer. */
    feed() {
      if (takePresses() === 0) return;
      hold(true);
      alarm.schedule(heldSeconds, () => hold(false));
    },
  };
}
