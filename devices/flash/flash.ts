// A bank of NOR flash as QEMU's virt has it: two 16-bit chips side by side on a 32-bit bus, which obey Intel's
// command set (Intel 290667, "Intel StrataFlash Memory (J3)", "Command Definitions"; JESD68.01 for the query).
// The guest reads the array without the device's help; only while the bank tells something else, its status or
// what it is, do reads come here.
//
// Deviations, all as QEMU has them: both chips obey one state; a narrow access sees the first chip; clearing the
// status goes back to the array; a command is done at once. What no file has filled reads as zeroes, not as erased
// ones, so that it takes no memory of the host.

import type { Device, Misuse, Width } from "../device.ts";
import { truncate } from "../registers.ts";
import { chip, queryTable } from "./query_table.ts";

const chips = 2;
/** Of a bank, in bytes. */
export const flashSize = chips * chip.size;
const blockSize = chips * chip.block;
const bufferSize = chips * chip.buffer;
const bytesOfWord = 4;

export interface FlashHost {
  /** The array: `flashSize` bytes, which the guest reads by itself while it is shown to it. */
  readonly bytes: Uint8Array;
  /**
   * Shows the array to the guest, or has the guest's reads come here; at first it is shown. It must be shown as
   * soon as it is told, although drivers go to and fro: what is not shown can be neither executed nor read by an
   * instruction that KVM cannot describe.
   */
  show(isShown: boolean): void;
  /** Told of what has changed in the array. False if it cannot be kept, which the guest is told. */
  keep(offset: number, length: number): boolean;
  misuse: Misuse;
}

/** Bits of the status register. */
const status = { ready: 1 << 7, eraseFailed: 1 << 5, programFailed: 1 << 4, locked: 1 << 1 } as const;
const manufacturer = 0x89, device = 0x18;
const confirm = 0xd0, lock = 0x01;

/** What the bank tells when it is read. */
type Telling = "array" | "status" | "identifiers" | "query";
/** What the bank takes its next write for. */
type Taking = (offset: number, width: Width, value: number) => void;

export function createFlash(name: string, host: FlashHost): Device {
  const { bytes } = host;
  const locks = new Uint8Array(flashSize / blockSize);
  const buffer = new Uint8Array(bufferSize);
  let telling: Telling = "array";
  let taking: Taking = takeCommand;
  let failures = 0;
  /** Writes that the buffer still waits for, and where in the array its first byte goes: -1 before the first write. */
  let awaited = 0;
  let bufferAt = -1;

  const commands: Readonly<Record<number, () => void>> = {
    0x10: () => expect(programWord),
    0x20: () => expect(confirmErasure),
    0x40: () => expect(programWord),
    0x50() {
      failures = 0;
      tell("array");
    },
    0x60: () => expect(changeLock),
    0x70: () => tell("status"),
    0x90: () => tell("identifiers"),
    0x98: () => tell("query"),
    0xe8: () => expect(takeCount),
    // Of other command sets, tried by those who look for a chip.
    0xf0: () => tell("array"),
    0xff: () => tell("array"),
  };

  function tell(what: Telling): void {
    taking = takeCommand;
    if ((telling === "array") !== (what === "array")) host.show(what === "array");
    telling = what;
  }

  function expect(next: Taking): void {
    tell("status");
    taking = next;
  }

  /** Gives up a command of several writes. */
  function abandon(failure: number, what: string): void {
    failures |= failure;
    tell("status");
    host.misuse(name, what);
  }

  function takeCommand(_offset: number, _width: Width, value: number): void {
    const command = commands[value & 0xff];
    if (command) return command();
    tell("array");
    host.misuse(name, `0x${(value & 0xff).toString(16)} is no command`);
  }

  /** Whether the block may be changed; if not, the status says so. */
  function isOpen(offset: number, failure: number): boolean {
    if (!locks[Math.floor(offset / blockSize)]) return true;
    abandon(failure | status.locked, `the block at 0x${blockOf(offset).toString(16)} is locked`);
    return false;
  }

  function keep(offset: number, length: number, failure: number): void {
    if (!host.keep(offset, length)) failures |= failure;
    tell("status");
  }

  /** Programming turns ones into zeroes and nothing else. */
  function programWord(offset: number, width: Width, value: number): void {
    if (!isOpen(offset, status.programFailed)) return;
    for (let n = 0; n < width; n++) bytes[offset + n]! &= value >>> 8 * n;
    keep(offset, width, status.programFailed);
  }

  function confirmErasure(offset: number, _width: Width, value: number): void {
    if ((value & 0xff) !== confirm) {
      return abandon(status.eraseFailed | status.programFailed, "an erasure was not confirmed");
    }
    if (!isOpen(offset, status.eraseFailed)) return;
    bytes.fill(0xff, blockOf(offset), blockOf(offset) + blockSize);
    keep(blockOf(offset), blockSize, status.eraseFailed);
  }

  function changeLock(offset: number, _width: Width, value: number): void {
    const command = value & 0xff;
    if (command !== confirm && command !== lock) {
      return abandon(status.eraseFailed | status.programFailed, "a change of locks was not confirmed");
    }
    locks[Math.floor(offset / blockSize)] = command === lock ? 1 : 0;
    tell("status");
  }

  /** One less than the number of writes that follow. */
  function takeCount(_offset: number, _width: Width, value: number): void {
    awaited = (value & 0xffff) + 1;
    if (awaited > bufferSize / bytesOfWord) {
      return abandon(status.programFailed, `${awaited} words do not fit in the buffer`);
    }
    bufferAt = -1;
    buffer.fill(0xff);
    expect(takeWord);
  }

  function takeWord(offset: number, width: Width, value: number): void {
    if (bufferAt < 0) bufferAt = offset - offset % bufferSize;
    const at = offset - bufferAt;
    if (at < 0 || at + width > bufferSize) {
      return abandon(status.programFailed, `a word for 0x${offset.toString(16)} is not of the buffer's page`);
    }
    for (let n = 0; n < width; n++) buffer[at + n] = value >>> 8 * n;
    if (--awaited === 0) expect(programBuffer);
  }

  function programBuffer(_offset: number, _width: Width, value: number): void {
    if ((value & 0xff) !== confirm) {
      return abandon(status.programFailed | status.eraseFailed, "a buffer was not confirmed");
    }
    if (!isOpen(bufferAt, status.programFailed)) return;
    for (let n = 0; n < bufferSize; n++) bytes[bufferAt + n]! &= buffer[n]!;
    keep(bufferAt, bufferSize, status.programFailed);
  }

  /** What each chip says in an identifier read. */
  function identifier(offset: number): number {
    const [at, isLocked] = [offset / bytesOfWord & 0xff, locks[Math.floor(offset / blockSize)]!];
    return [manufacturer, device, isLocked][at] ?? 0;
  }

  function read(offset: number, width: Width): number {
    switch (telling) {
      case "array":
        return readArray(bytes, offset, width);
      case "status":
        return onBothChips(status.ready | failures, width);
      case "identifiers":
        return onBothChips(identifier(offset), width);
      case "query":
        return onBothChips(queryTable[Math.floor(offset / bytesOfWord)] ?? 0, width);
    }
  }

  return {
    name,
    size: flashSize,
    read,
    write: (offset, width, value) => taking(offset, width, value),
    reset() {
      failures = 0;
      locks.fill(0);
      tell("array");
    },
  };
}

const blockOf = (offset: number) => offset - offset % blockSize;
const onBothChips = (value: number, width: Width) => truncate(value << 16 | value, width);

function readArray(bytes: Uint8Array, offset: number, width: Width): number {
  let value = 0;
  for (let n = width - 1; n >= 0; n--) value = value << 8 | bytes[offset + n]!;
  return value >>> 0;
}
