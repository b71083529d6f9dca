// The receive side of the PL011 (Arm DDI 0183, "Receive FIFO", "UARTRXINTR", "UARTRTINTR", "Data register").
//
// Deviation: a virtual line has no bit times, so the receive timeout is raised at once whenever the FIFO
// holds something but less than its trigger level; and a level that holds is raised again by the next
// character that comes or goes, not only when it is crossed.

import { createFifo } from "./fifo.ts";
import type { Interrupts } from "./primecell.ts";

/** Interrupt bits, as in RIS, MIS, IMSC and ICR. */
const RX = 1 << 4;
const RT = 1 << 6;
const BE = 1 << 9;
const OE = 1 << 10;

/** Status bits beside a character in DR; RSR holds the four of them in its bits 3:0. */
const DR_BREAK = 1 << 10;
const DR_OVERRUN = 1 << 11;

const CAPACITY = 16;
/** Characters in the FIFO that raise RX, by IFLS.RXIFLSEL: 1/8, 1/4, 1/2, 3/4, 7/8 full; then reserved. */
const LEVELS = [2, 4, 8, 12, 14, 8, 8, 8];

export interface Receiver {
  empty(): boolean;
  full(): boolean;
  /** Characters that can come in before the buffer is full. */
  room(): number;
  put(character: number): void;
  putBreak(): void;
  /** A read of DR: the oldest character with its status bits. */
  take(): number;
  /** RSR: the status of the character taken last. */
  status(): number;
  /** A write of ECR. */
  clearStatus(): void;
  /** FEN: 16 characters deep or one; what was held is dropped. */
  useFifo(on: boolean): void;
  /** IFLS.RXIFLSEL. */
  setLevel(select: number): void;
  reset(): void;
}

export function createReceiver(interrupts: Interrupts): Receiver {
  const fifo = createFifo(CAPACITY);
  let depth = 1;
  let level = 8;
  let overrun = 0;
  let status = 0;

  function settle(): void {
    const count = fifo.count();
    if (count >= Math.min(level, depth)) interrupts.raise(RX);
    else if (count > 0) {
      interrupts.clear(RX);
      interrupts.raise(RT);
    } else interrupts.clear(RX | RT);
  }

  function put(entry: number): void {
    if (fifo.count() >= depth) {
      overrun = DR_OVERRUN;
      status |= DR_OVERRUN >> 8;
      interrupts.raise(OE);
      return;
    }
    overrun = 0;
    fifo.push(entry);
    settle();
  }

  function take(): number {
    const data = fifo.pop() | overrun;
    status = data >> 8;
    settle();
    return data;
  }

  function useFifo(on: boolean): void {
    depth = on ? CAPACITY : 1;
    fifo.clear();
    settle();
  }

  return {
    empty: () => fifo.count() === 0,
    full: () => fifo.count() >= depth,
    room: () => depth - fifo.count(),
    put: (character) => put(character & 0xff),
    putBreak() {
      put(DR_BREAK);
      interrupts.raise(BE);
    },
    take,
    status: () => status,
    clearStatus() {
      status = 0;
    },
    useFifo,
    setLevel(select) {
      level = LEVELS[select & 7] ?? 8;
      settle();
    },
    reset() {
      depth = 1;
      level = 8;
      overrun = status = 0;
      fifo.clear();
    },
  };
}
