// The PL011 UART (Arm DDI 0183, "Register descriptions"), the guest's console.
//
// Deviations: the line is infinitely fast, so the transmit FIFO holds something only while CR.TXE is
// clear. UARTEN need not be set, because early consoles and bare-metal guests expect firmware to have
// done that. Hardware flow control and DMA have no effect. Input waits on the host while the FIFO is full,
// the receiver is off or looped back: only loopback can overrun.

import type { Device, InterruptLine, Misuse } from "./device.ts";
import { createFifo } from "./fifo.ts";
import { createReceiver, type Receiver } from "./pl011_receiver.ts";
import { createInterrupts, identification, type Interrupts } from "./primecell.ts";
import { createRegisters, type RegisterTable } from "./registers.ts";

export interface Pl011Host {
  /** Takes a byte that the guest sent. */
  transmit(byte: number): void;
  /** Told when `receive` will take bytes again, because the guest has read all there was. */
  onRoom(): void;
  /** Told when the guest begins to listen; see `Pl011.listens`. */
  onListening(): void;
  interrupt: InterruptLine;
  misuse: Misuse;
}

export interface Pl011 extends Device {
  /** Gives the guest as many of `bytes` as there is room for, from the first; returns how many. */
  receive(bytes: Uint8Array): number;
  /** How many bytes `receive` would take now. */
  roomFor(): number;
  /**
   * Whether the guest shows that it reads its console: the UART is enabled with a receive interrupt unmasked, or
   * FR has been read again and again with nothing sent in between, as a guest does that polls for input. Drivers
   * empty the FIFO when they start, so bytes received before that are likely lost.
   */
  listens(): boolean;
  /** Gives the guest a break condition; false when there is no room for it. */
  receiveBreak(): boolean;
}

const FR = {
  CTS: 1 << 0,
  DSR: 1 << 1,
  DCD: 1 << 2,
  BUSY: 1 << 3,
  RXFE: 1 << 4,
  TXFF: 1 << 5,
  RXFF: 1 << 6,
  TXFE: 1 << 7,
  RI: 1 << 8,
};
const LCR_H = { BRK: 1 << 0, FEN: 1 << 4 };
const CR = {
  UARTEN: 1 << 0,
  LBE: 1 << 7,
  TXE: 1 << 8,
  RXE: 1 << 9,
  DTR: 1 << 10,
  RTS: 1 << 11,
  Out1: 1 << 12,
  Out2: 1 << 13,
};
const CR_WRITABLE = 0xff87;
const CR_RESET = CR.RXE | CR.TXE;
const IFLS_RESET = 0x12;
const INTERRUPT = { RI: 1 << 0, CTS: 1 << 1, DCD: 1 << 2, DSR: 1 << 3, RX: 1 << 4, TX: 1 << 5, RT: 1 << 6 };
const ALL_INTERRUPTS = 0x7ff;

/** A guest that only sends reads FR up to twice in a row: BUSY after one line, TXFF before the next. */
const POLLS = 16;

export function createPl011(host: Pl011Host): Pl011 {
  const interrupts = createInterrupts(host.interrupt);
  const receiver = createReceiver(interrupts);
  const line = createLine(host, interrupts, receiver);
  const settings = createSettings();
  const attention = createAttention(isReady, host.onListening);

  function readData(): number {
    const data = receiver.take();
    if (receiver.empty()) line.offerRoom();
    return data;
  }

  function flags(): number {
    attention.flagsRead();
    return line.flags() | (receiver.empty() ? FR.RXFE : 0) | (receiver.full() ? FR.RXFF : 0);
  }

  function send(value: number): void {
    attention.sent();
    line.send(value);
  }

  function setMask(bits: number): void {
    interrupts.setMask(bits & ALL_INTERRUPTS);
    attention.review();
  }

  function setControl(value: number): void {
    line.setControl(value);
    attention.review();
  }

  /** Whether input would interrupt the guest. */
  function isReady(): boolean {
    return (interrupts.mask() & (INTERRUPT.RX | INTERRUPT.RT)) !== 0 && (line.control() & CR.UARTEN) !== 0;
  }

  const registers = createRegisters("pl011", 0x1000, {
    DR: { at: 0x000, read: readData, write: send },
    RSR_ECR: { at: 0x004, read: receiver.status, write: receiver.clearStatus },
    FR: { at: 0x018, read: flags },
    ...settings.table,
    LCR_H: { at: 0x02c, read: line.format, write: line.setFormat },
    CR: { at: 0x030, read: line.control, write: setControl },
    IFLS: { at: 0x034, read: line.levels, write: line.setLevels },
    IMSC: { at: 0x038, read: interrupts.mask, write: setMask },
    RIS: { at: 0x03c, read: interrupts.raw },
    MIS: { at: 0x040, read: interrupts.masked },
    ICR: { at: 0x044, write: interrupts.clear },
    ...identification(0x011, 1),
  }, host.misuse);

  return {
    ...registers,
    reset() {
      interrupts.reset();
      receiver.reset();
      settings.reset();
      attention.reset();
      line.reset();
    },
    receive(bytes) {
      const accepted = Math.min(bytes.length, line.roomFor());
      for (let i = 0; i < accepted; i++) receiver.put(bytes[i] ?? 0);
      return accepted;
    },
    roomFor: line.roomFor,
    listens: attention.listens,
    receiveBreak() {
      if (line.roomFor() === 0) return false;
      receiver.putBreak();
      return true;
    },
  };
}

/** Notices when the guest begins to read its console; see `Pl011.listens`. */
function createAttention(isReady: () => boolean, onListening: () => void) {
  let flagReads = 0;
  let before = false;
  const listens = () => flagReads >= POLLS || isReady();

  function review(): void {
    const now = listens();
    if (now && !before) onListening();
    before = now;
  }

  return {
    listens,
    review,
    sent() {
      if (flagReads < POLLS) flagReads = 0;
    },
    flagsRead() {
      if (flagReads < POLLS && ++flagReads === POLLS) review();
    },
    reset() {
      flagReads = 0;
      before = false;
    },
  };
}

/** The registers that hold what is written to them and do nothing else here. */
function createSettings(): { table: RegisterTable; reset(): void } {
  const values = new Uint16Array(4);
  const stored = (at: number, index: number, mask: number) => ({
    at,
    read: () => values[index] ?? 0,
    write: (value: number) => void (values[index] = value & mask),
  });
  return {
    table: {
      ILPR: stored(0x020, 0, 0xff),
      IBRD: stored(0x024, 1, 0xffff),
      FBRD: stored(0x028, 2, 0x3f),
      DMACR: stored(0x048, 3, 0x7),
    },
    reset: () => void values.fill(0),
  };
}

/** The transmit side, and what CR, LCR_H and IFLS say about both sides. */
function createLine(host: Pl011Host, interrupts: Interrupts, receiver: Receiver) {
  const waiting = createFifo(16);
  let format = 0;
  let control = CR_RESET;
  let levels = IFLS_RESET;

  const depth = () => format & LCR_H.FEN ? 16 : 1;
  const roomFor = () => (control & (CR.RXE | CR.LBE)) === CR.RXE ? receiver.room() : 0;
  const offerRoom = () => {
    if (roomFor() > 0) host.onRoom();
  };

  function send(value: number): void {
    if (control & CR.TXE) shift(value & 0xff);
    else if (waiting.count() < depth()) waiting.push(value & 0xff);
    else host.misuse("pl011", "a byte was written to DR while the transmit FIFO was full");
  }

  function shift(byte: number): void {
    host.transmit(byte);
    if (control & CR.LBE && control & CR.RXE) receiver.put(byte);
    interrupts.raise(INTERRUPT.TX);
  }

  function setFormat(value: number): void {
    const changed = format ^ value;
    format = value & 0xff;
    if (changed & LCR_H.FEN) {
      waiting.clear();
      receiver.useFifo((value & LCR_H.FEN) !== 0);
      offerRoom();
    }
    if (changed & value & LCR_H.BRK && control & CR.LBE) receiver.putBreak();
  }

  function setControl(value: number): void {
    const before = modemFlags(control);
    control = value & CR_WRITABLE;
    interrupts.raise(modemInterrupts(before ^ modemFlags(control)));
    while (control & CR.TXE && waiting.count() > 0) shift(waiting.pop());
    offerRoom();
  }

  function setLevels(value: number): void {
    levels = value & 0x3f;
    receiver.setLevel(levels >> 3);
  }

  function flags(): number {
    const count = waiting.count();
    return modemFlags(control) | (count === 0 ? FR.TXFE : FR.BUSY) | (count >= depth() ? FR.TXFF : 0);
  }

  function reset(): void {
    waiting.clear();
    format = 0;
    control = CR_RESET;
    levels = IFLS_RESET;
    offerRoom();
  }

  return {
    roomFor,
    offerRoom,
    send,
    flags,
    format: () => format,
    setFormat,
    control: () => control,
    setControl,
    levels: () => levels,
    setLevels,
    reset,
  };
}

/** The modem inputs: nothing is connected, except that loopback connects them to the outputs. */
function modemFlags(control: number): number {
  if (!(control & CR.LBE)) return 0;
  return (control & CR.RTS ? FR.CTS : 0) | (control & CR.DTR ? FR.DSR : 0) |
    (control & CR.Out1 ? FR.DCD : 0) | (control & CR.Out2 ? FR.RI : 0);
}

function modemInterrupts(changed: number): number {
  return (changed & FR.CTS ? INTERRUPT.CTS : 0) | (changed & FR.DSR ? INTERRUPT.DSR : 0) |
    (changed & FR.DCD ? INTERRUPT.DCD : 0) | (changed & FR.RI ? INTERRUPT.RI : 0);
}
