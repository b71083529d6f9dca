// An MMIO exit and how it reaches the devices: straight, where they live in the vcpu's own isolate, or handed
// over through the control block's slots to the isolate that has them.

import type { Width } from "../../devices/device.ts";
import type { RunPage } from "../kvm/run_page.ts";
import type { Trace } from "../kvm/trace.ts";
import { type ControlBlock, lifecycle, slotStatus, slotWord } from "./control_block.ts";

/** What answers at a guest-physical address. */
export interface MmioTarget {
  read(address: number, width: Width): number;
  write(address: number, width: Width, value: number): void;
}

/** Serves the access that the run page describes, and says if it is a write. One of 8 bytes is its two words, low word first. */
export function serveMmio(page: RunPage, target: MmioTarget): boolean {
  const address = page.mmioAddress;
  const length = page.mmioLength;
  const width = (length < 4 ? length : 4) as Width;
  if (page.mmioIsWrite) {
    target.write(address, width, page.mmioData(0));
    if (length === 8) target.write(address + 4, 4, page.mmioData(1));
    return true;
  }
  page.setMmioData(0, target.read(address, width));
  if (length === 8) page.setMmioData(1, target.read(address + 4, 4));
  return false;
}

/** The same, and each access told. */
export function tracedTarget(target: MmioTarget, trace: Trace): MmioTarget {
  const hex = (value: number) => "0x" + value.toString(16);
  const tell = (does: "read" | "write", address: number, width: Width, value: number) =>
    trace.tell("mmio", `${8 * width}-bit ${does} at ${hex(address)} = ${hex(value)}`, {
      access: does,
      address: hex(address),
      bytes: width,
      value: hex(value),
    });
  return {
    read(address, width) {
      const value = target.read(address, width);
      tell("read", address, width, value);
      return value;
    },
    write(address, width, value) {
      tell("write", address, width, value);
      target.write(address, width, value);
    },
  };
}

/** The devices as a vcpu sees them from another isolate. Blocks until they answer; a stopped machine's may not. */
export function remoteTarget(control: ControlBlock, vcpu: number): MmioTarget {
  const { words } = control;
  const slot = control.slot(vcpu);
  const status = slot + slotWord.status;
  const exchange = (address: number, width: Width, isWrite: number, value: number): number => {
    words[slot + slotWord.addressLow] = address | 0;
    words[slot + slotWord.addressHigh] = address / 2 ** 32;
    words[slot + slotWord.width] = width;
    words[slot + slotWord.isWrite] = isWrite;
    words[slot + slotWord.value] = value;
    Atomics.store(words, status, slotStatus.asked);
    control.ringDoorbell();
    // The device isolate serves once more after it saw the machine stopped, and then no more: what is asked
    // before that is answered, and nobody may wait for an answer to what is asked after it.
    if (control.state === lifecycle.stopped) return 0;
    while (Atomics.load(words, status) === slotStatus.asked) Atomics.wait(words, status, slotStatus.asked);
    Atomics.store(words, status, slotStatus.idle);
    return words[slot + slotWord.value]! >>> 0;
  };
  return {
    read: (address, width) => exchange(address, width, 0, 0),
    write: (address, width, value) => void exchange(address, width, 1, value),
  };
}

/** Serves every request that waits in the slots; false if there was none. */
export function serveSlots(control: ControlBlock, target: MmioTarget): boolean {
  const { words } = control;
  let served = false;
  for (let vcpu = 0; vcpu < control.vcpus; vcpu++) {
    const slot = control.slot(vcpu);
    const status = slot + slotWord.status;
    if (Atomics.load(words, status) !== slotStatus.asked) continue;
    const address = (words[slot + slotWord.addressLow]! >>> 0) +
      words[slot + slotWord.addressHigh]! * 2 ** 32;
    const width = words[slot + slotWord.width] as Width;
    if (words[slot + slotWord.isWrite]) target.write(address, width, words[slot + slotWord.value]! >>> 0);
    else words[slot + slotWord.value] = target.read(address, width);
    Atomics.store(words, status, slotStatus.answered);
    Atomics.notify(words, status);
    served = true;
  }
  return served;
}
