// What the guest writes on its console goes through a ring to the control side. A guest that writes faster than
// anybody reads waits, but not while the machine is paused or stopped: nothing may keep a vcpu from being held.

import type { ByteRing } from "./byte_ring.ts";
import { type ControlBlock, lifecycle } from "./control_block.ts";

export interface ConsoleOutput {
  transmit(byte: number): void;
  /** Passes on what could not be while the machine was paused. */
  flush(): void;
}

/** Milliseconds after which a waiting guest looks again whether the machine is paused or stopped. */
const patience = 20;

/** @param onOutput called when the control side must be told that there is output */
export function consoleOutput(ring: ByteRing, control: ControlBlock, onOutput: () => void): ConsoleOutput {
  // At most one byte for each vcpu: a paused or stopped machine gives none of them another turn.
  const waiting: number[] = [];

  function tell() {
    if (control.mustTellOfOutput()) onOutput();
  }

  function flush() {
    while (waiting.length > 0) {
      if (ring.push(waiting[0]!)) waiting.shift();
      else if (control.state === lifecycle.running) ring.awaitTaken(patience);
      else return;
      tell();
    }
  }

  return {
    flush,
    transmit(byte) {
      if (waiting.length > 0 || !ring.push(byte)) {
        waiting.push(byte);
        flush();
      }
      tell();
    },
  };
}
