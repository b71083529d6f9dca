// The registers that hold a bit, two bits or a byte of each interrupt, at the same offsets in the distributor
// and in a redistributor's SGI frame (Arm IHI 0069, "The GIC Distributor register descriptions", "The GIC
// Redistributor register descriptions"). The lock is held wherever these are called.

import type { Delivery } from "./delivery.ts";
import { bank, firstSpi, type GicState, priorityMask } from "./gic_state.ts";

/** Offsets, each of 32 words or more. */
const IGROUPR = 0x80, ISENABLER = 0x100, ICENABLER = 0x180, ISPENDR = 0x200, ICPENDR = 0x280;
const ISACTIVER = 0x300, ICACTIVER = 0x380, IPRIORITYR = 0x400, ITARGETSR = 0x800, ICFGR = 0xc00;
const IGRPMODR = 0xd00;
const perBank = 0x80, configEnd = 0xd00;

export const isInterruptRegister = (offset: number) =>
  offset >= IGROUPR && offset < ITARGETSR || offset >= ICFGR && offset < configEnd;

/** Whose frame is accessed: a vcpu's private interrupts, or `shared`, the SPIs. */
export const shared = -1;

export class InterruptRegisters {
  constructor(readonly state: GicState, readonly delivery: Delivery) {}

  /** Whether there is such a register in a frame of so many interrupts, for KVM_HAS_DEVICE_ATTR. */
  static has(offset: number, interrupts: number): boolean {
    return isInterruptRegister(offset) && firstIntid(offset) < interrupts;
  }

  /** @param isMonitors by KVM_GET_DEVICE_ATTR: then what is pending is so without the line */
  read(frame: number, offset: number, width: number, isMonitors = false): number {
    const at = this.#bankAt(frame, offset);
    if (at < 0) return 0;
    if (offset >= ICFGR) return width === 4 ? this.#readConfig(at, offset >> 2 & 1) : 0;
    if (offset >= IPRIORITYR) return this.#readPriorities(at, offset, width);
    if (width !== 4) return 0;
    const { words } = this.state;
    switch (offset & ~(perBank - 1)) {
      case IGROUPR:
        return words[at + bank.GROUP]!;
      case ISENABLER:
      case ICENABLER:
        return words[at + bank.ENABLED]!;
      case ISPENDR:
        return isMonitors ? words[at + bank.LATCH]! : this.state.pending(at);
      case ICPENDR:
        return isMonitors ? 0 : this.state.pending(at);
      default:
        return words[at + bank.ACTIVE]!;
    }
  }

  /** @param isMonitors by KVM_SET_DEVICE_ATTR: then what is not pending in the value is so no more */
  write(frame: number, offset: number, width: number, value: number, isMonitors = false) {
    const at = this.#bankAt(frame, offset);
    if (at < 0) return;
    if (offset >= ICFGR) {
      if (width === 4 && frame === shared) this.#writeConfig(at, offset >> 2 & 1, value);
    } else if (offset >= IPRIORITYR) this.#writePriorities(at, offset, width, value);
    else if (width === 4) this.#writeBits(at, offset, value, isMonitors);
    else return;
    if (frame === shared) {
      this.state.noteCandidates(at);
      this.delivery.refreshAll();
    } else this.delivery.refresh(frame);
  }

  #bankAt(frame: number, offset: number): number {
    const n = firstIntid(offset) >> 5;
    if (frame === shared) {
      return n >= 1 && n <= this.state.spiBanks ? this.state.bank(this.state.vcpus + n - 1) : -1;
    }
    return n === 0 ? this.state.bank(frame) : -1;
  }

  #writeBits(at: number, offset: number, value: number, isMonitors: boolean) {
    const { words } = this.state;
    switch (offset & ~(perBank - 1)) {
      case IGROUPR:
        words[at + bank.GROUP] = value;
        break;
      case ISENABLER:
        words[at + bank.ENABLED]! |= value;
        break;
      case ICENABLER:
        words[at + bank.ENABLED]! &= ~value;
        break;
      case ISPENDR:
        words[at + bank.LATCH] = isMonitors ? value : words[at + bank.LATCH]! | value;
        break;
      case ICPENDR:
        if (!isMonitors) words[at + bank.LATCH]! &= ~value;
        break;
      case ISACTIVER:
        words[at + bank.ACTIVE]! |= value;
        break;
      case ICACTIVER:
        words[at + bank.ACTIVE]! &= ~value;
        break;
    }
  }

  #readPriorities(at: number, offset: number, width: number): number {
    const word = this.state.words[at + bank.PRIORITY + (offset >> 2 & 7)]!;
    return width === 4 ? word : width === 1 ? word >>> 8 * (offset & 3) & 0xff : 0;
  }

  #writePriorities(at: number, offset: number, width: number, value: number) {
    if (width !== 4 && width !== 1) return;
    const word = at + bank.PRIORITY + (offset >> 2 & 7);
    const shift = width === 1 ? 8 * (offset & 3) : 0;
    const field = width === 1 ? priorityMask << shift : priorityMask * 0x0101_0101;
    this.state.words[word] = this.state.words[word]! & ~field | value << shift & field;
  }

  #readConfig(at: number, half: number): number {
    const edges = this.state.words[at + bank.EDGE]! >>> 16 * half;
    let word = 0;
    for (let n = 0; n < 16; n++) word |= (edges >>> n & 1) << 2 * n + 1;
    return word;
  }

  #writeConfig(at: number, half: number, value: number) {
    let edges = 0;
    for (let n = 0; n < 16; n++) edges |= (value >>> 2 * n + 1 & 1) << n;
    const { words } = this.state;
    words[at + bank.EDGE] = words[at + bank.EDGE]! & ~(0xffff << 16 * half) | edges << 16 * half;
  }
}

/** The first interrupt that the register at this offset is about. */
export function firstIntid(offset: number): number {
  if (offset >= IGRPMODR) return firstSpi * 32;
  if (offset >= ICFGR) return (offset - ICFGR & ~3) * 4;
  if (offset >= IPRIORITYR) return offset - IPRIORITYR;
  return (offset & perBank - 1 & ~3) * 8;
}
