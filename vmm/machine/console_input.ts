// What is typed waits in a ring until the guest listens and its UART has room for it. A person's Ctrl-C is the
// guest's too, but a guest that does not listen, or has left the last Ctrl-C unread, is stopped by it.

import type { Pl011 } from "../../devices/pl011.ts";
import type { ByteRing } from "./byte_ring.ts";
import { type ControlBlock, lifecycle } from "./control_block.ts";

export interface ConsoleInput {
  /** Gives the UART as much as it takes. */
  feed(): void;
  /** The guest has read all it was given. */
  emptied(): void;
}

const ctrlC = 3;

export interface ConsoleInputEvents {
  /** Ctrl-C was typed and the guest will not read it. */
  ignoredInterrupt(): void;
  /** The guest is made to wait for input, and it does not come; told once. */
  silence(): void;
}

/** Milliseconds after which a guest that waits for input looks again whether the machine is paused or stopped. */
const patience = 20;
/** And after which somebody is told. */
const silence = 2000;

export function consoleInput(
  ring: ByteRing,
  control: ControlBlock,
  uart: Pick<Pl011, "receive" | "receiveBreak" | "listens" | "roomFor">,
  events: ConsoleInputEvents,
): ConsoleInput {
  const piece = new Uint8Array(16);
  let leftUnread = false;
  let hasTold = false;

  /** Whether Ctrl-C waits, however much was typed before it, that the guest will not read. */
  function isInterruptIgnored(): boolean {
    if (!control.isInteractive || ring.length === 0) return false;
    const waiting = new Uint8Array(ring.length);
    ring.peek(waiting);
    const interrupts = waiting.filter((byte) => byte === ctrlC).length;
    return interrupts > (uart.listens() && !leftUnread ? 1 : 0);
  }

  /** Where input is to come at the same moment of each run: waits until all that the UART takes is there. */
  function awaitInput() {
    const wanted = Math.min(uart.roomFor(), piece.length);
    const began = performance.now();
    while (ring.length < wanted && !ring.hasEnded && control.state === lifecycle.running) {
      ring.awaitGiven(patience);
      if (hasTold || performance.now() - began < silence) continue;
      hasTold = true;
      events.silence();
    }
  }

  /** Takes one piece of input to the UART; 0 if there is none or no room. */
  function pass(): number {
    if (control.isInputAwaited && uart.listens()) awaitInput();
    const bytes = piece.subarray(0, uart.listens() ? ring.peek(piece) : 0);
    const accepted = uart.receive(bytes);
    leftUnread ||= control.isInteractive && bytes.subarray(0, accepted).includes(ctrlC);
    ring.drop(accepted);
    return accepted;
  }

  return {
    feed() {
      for (let breaks = control.takeBreaks(); breaks > 0; breaks--) uart.receiveBreak();
      if (isInterruptIgnored()) {
        ring.drop(ring.length);
        events.ignoredInterrupt();
      }
      while (pass() > 0);
    },
    emptied() {
      leftUnread = false;
      this.feed();
    },
  };
}
