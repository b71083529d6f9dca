// A vcpu's redistributor: its RD frame and, 64 KiB on, its SGI frame (Arm IHI 0069, "The GIC Redistributor
// register descriptions"), as Linux's KVM has it without an ITS: no LPIs, and it is always awake.

import { KVM_IIDR } from "./distributor.ts";
import { affinityOf, cpu, firstSpi, type GicState } from "./gic_state.ts";
import { InterruptRegisters, isInterruptRegister } from "./interrupt_registers.ts";

const GICR_CTLR = 0x0, GICR_IIDR = 0x4, GICR_TYPER = 0x8, GICR_TYPER_upper = 0xc;
const GICR_WAKER = 0x14, GICR_PIDR2 = 0xffe8;
const GICR_PROPBASER = 0x70, LPI_registers_end = 0x80, GICR_SYNCR = 0xc0;
const identificationRegisters = 0xffd0, sgiFrame = 0x1_0000;
/** GICR_CTLR: what it says it can do of LPIs, were there any. */
const CES = 1 << 1, IR = 1 << 2;
/** GICR_TYPER. */
const Last = 1 << 4, Processor_Number = 8;
const GICv3 = 0x3b;

export class Redistributor {
  constructor(readonly state: GicState, readonly interrupts: InterruptRegisters) {}

  /** The lower half. */
  read(vcpu: number, offset: number, width: number): number {
    if (offset >= sgiFrame) {
      const inFrame = offset - sgiFrame;
      return isInterruptRegister(inFrame) ? this.interrupts.read(vcpu, inFrame, width) : 0;
    }
    if (width !== 4) return width === 8 && offset === GICR_TYPER ? this.#readPlain(vcpu, offset) : 0;
    return this.#readPlain(vcpu, offset);
  }

  /** The upper half of an access of eight bytes. */
  readUpper(vcpu: number, offset: number): number {
    return offset === GICR_TYPER ? affinityOf(vcpu) : 0;
  }

  write(vcpu: number, offset: number, width: number, value: number) {
    const inFrame = offset - sgiFrame;
    if (isInterruptRegister(inFrame)) this.interrupts.write(vcpu, inFrame, width, value);
  }

  /** KVM_HAS_DEVICE_ATTR: whether a word is at this offset. */
  static has(offset: number): boolean {
    if (offset % 4) return false;
    if (offset >= sgiFrame) return InterruptRegisters.has(offset - sgiFrame, firstSpi);
    return offset <= GICR_TYPER_upper || offset === GICR_WAKER ||
      offset >= GICR_PROPBASER && offset < LPI_registers_end ||
      offset === GICR_SYNCR || offset >= identificationRegisters;
  }

  readAttribute(vcpu: number, offset: number): number {
    const inFrame = offset - sgiFrame;
    return isInterruptRegister(inFrame)
      ? this.interrupts.read(vcpu, inFrame, 4, true)
      : this.read(vcpu, offset, 4);
  }

  writeAttribute(vcpu: number, offset: number, value: number) {
    const inFrame = offset - sgiFrame;
    if (isInterruptRegister(inFrame)) this.interrupts.write(vcpu, inFrame, 4, value, true);
  }

  #readPlain(vcpu: number, offset: number): number {
    switch (offset) {
      case GICR_CTLR:
        return CES | IR;
      case GICR_IIDR:
        return KVM_IIDR;
      case GICR_TYPER:
        return vcpu << Processor_Number | (this.state.words[this.state.cpu(vcpu) + cpu.LAST] ? Last : 0);
      case GICR_TYPER_upper:
        return affinityOf(vcpu);
      case GICR_PIDR2:
        return GICv3;
      default:
        return 0;
    }
  }
}
