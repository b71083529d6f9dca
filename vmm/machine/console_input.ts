// What is typed waits in a ring until the guest listens and its UART has room for it. A person's Ctrl-C is the
// guest's too, but a guest that does not listen, or has left the last Ctrl-C unread, is stopped by it.

import type { Pl011 } from "../../devices/pl011.ts";
import type { ByteRing } from "./byte_ring.ts";
import type { ControlBlock } from "./control_block.ts";

export interface ConsoleInput {
  /** Gives the UART as much as it takes. */
  feed(): void;
  /** The guest has read all it was given. */
  emptied(): void;
}

const ctrlC = 3;

/** @param onIgnoredInterrupt called when Ctrl-C was typed and the guest will not read it */
export function consoleInput(
  ring: ByteRing,
  control: ControlBlock,
  uart: Pick<Pl011, "receive" | "listens">,
  onIgnoredInterrupt: () => void,
): ConsoleInput {
  const piece = new Uint8Array(16);
  let leftUnread = false;
  const isInterrupt = (bytes: Uint8Array) => control.isInteractive && bytes.includes(ctrlC);

  /** Takes one piece of input to the UART; 0 if there is none or no room. */
  function pass(): number {
    const bytes = piece.subarray(0, ring.peek(piece));
    if (isInterrupt(bytes) && (leftUnread || !uart.listens())) {
      ring.drop(bytes.length);
      onIgnoredInterrupt();
      return 0;
    }
    if (!uart.listens()) return 0;
    const accepted = uart.receive(bytes);
    leftUnread ||= isInterrupt(bytes.subarray(0, accepted));
    ring.drop(accepted);
    return accepted;
  }

  return {
    feed() {
      while (pass() > 0);
    },
    emptied() {
      leftUnread = false;
      this.feed();
    },
  };
}
