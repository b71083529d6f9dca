// The CPU interface's system registers by name (Arm IHI 0069, "AArch64 System register descriptions"), as a
// guest of Linux's KVM sees them: five bits of priority, system registers always on.

import type { CpuInterface } from "./cpu_interface.ts";
import type { Delivery } from "./delivery.ts";
import { CBPR, cpu, EOImode, type GicState, leastBpr0, leastBpr1, priorityMask } from "./gic_state.ts";

/** ICC_CTLR_EL1: 24 bits of INTID, Aff3 may be other than zero in SGIs, five bits of priority. */
const A3V = 1 << 15, IDbits = 1 << 11, PRIbits = 4 << 8;
const readOnlyControl = A3V | IDbits | PRIbits;
/** ICC_SRE_EL1. */
const SRE = 1, DFB = 2, DIB = 4;
export const systemRegistersOnly = SRE | DFB | DIB;
const mostBpr = 7;
const intidField = 0xff_ffff;

/** Registers with AP0R1 to AP0R3 and AP1R1 to AP1R3 left out: five bits of priority need none of them. */
export type IccName =
  | "ICC_PMR_EL1"
  | "ICC_CTLR_EL1"
  | "ICC_SRE_EL1"
  | "ICC_RPR_EL1"
  | "ICC_DIR_EL1"
  | "ICC_IAR0_EL1"
  | "ICC_EOIR0_EL1"
  | "ICC_HPPIR0_EL1"
  | "ICC_BPR0_EL1"
  | "ICC_IGRPEN0_EL1"
  | "ICC_AP0R0_EL1"
  | "ICC_IAR1_EL1"
  | "ICC_EOIR1_EL1"
  | "ICC_HPPIR1_EL1"
  | "ICC_BPR1_EL1"
  | "ICC_IGRPEN1_EL1"
  | "ICC_AP1R0_EL1"
  | "ICC_SGI0R_EL1"
  | "ICC_SGI1R_EL1"
  | "ICC_ASGI1R_EL1";

export class IccRegisters {
  constructor(
    readonly state: GicState,
    readonly delivery: Delivery,
    readonly cpuInterface: CpuInterface,
  ) {}

  /** A register that is only written reads as zero; the caller makes it undefined. */
  read(vcpu: number, name: IccName): number {
    const { words } = this.state;
    const at = this.state.cpu(vcpu);
    switch (name) {
      case "ICC_IAR1_EL1":
        return this.cpuInterface.acknowledge(vcpu, 1);
      case "ICC_IAR0_EL1":
        return this.cpuInterface.acknowledge(vcpu, 0);
      case "ICC_HPPIR1_EL1":
        return this.cpuInterface.highestPending(vcpu, 1);
      case "ICC_HPPIR0_EL1":
        return this.cpuInterface.highestPending(vcpu, 0);
      case "ICC_RPR_EL1":
        return this.delivery.runningPriority(at);
      case "ICC_PMR_EL1":
        return words[at + cpu.PMR]!;
      case "ICC_CTLR_EL1":
        return words[at + cpu.CTLR]! | readOnlyControl;
      case "ICC_SRE_EL1":
        return systemRegistersOnly;
      case "ICC_BPR0_EL1":
        return words[at + cpu.BPR0]!;
      case "ICC_BPR1_EL1":
        return words[at + cpu.CTLR]! & CBPR
          ? Math.min(words[at + cpu.BPR0]! + 1, mostBpr)
          : words[at + cpu.BPR1]!;
      case "ICC_IGRPEN0_EL1":
        return words[at + cpu.GROUPS]! & 1;
      case "ICC_IGRPEN1_EL1":
        return words[at + cpu.GROUPS]! >> 1 & 1;
      case "ICC_AP0R0_EL1":
        return words[at + cpu.AP0R0]!;
      case "ICC_AP1R0_EL1":
        return words[at + cpu.AP1R0]!;
      default:
        return 0;
    }
  }

  /** Writes to a register that is only read are ignored; the caller makes them undefined. */
  write(vcpu: number, name: IccName, low: number, high: number) {
    switch (name) {
      case "ICC_EOIR1_EL1":
        return this.cpuInterface.end(vcpu, low & intidField, 1);
      case "ICC_EOIR0_EL1":
        return this.cpuInterface.end(vcpu, low & intidField, 0);
      case "ICC_DIR_EL1":
        return this.cpuInterface.deactivate(vcpu, low & intidField);
      case "ICC_SGI1R_EL1":
        return this.cpuInterface.send(vcpu, low, high, true);
      case "ICC_SGI0R_EL1":
      case "ICC_ASGI1R_EL1":
        return this.cpuInterface.send(vcpu, low, high, false);
      default:
        this.#set(this.state.cpu(vcpu), name, low);
        this.delivery.refresh(vcpu);
    }
  }

  #set(at: number, name: IccName, value: number) {
    const { words } = this.state;
    switch (name) {
      case "ICC_PMR_EL1":
        words[at + cpu.PMR] = value & priorityMask;
        break;
      case "ICC_CTLR_EL1":
        words[at + cpu.CTLR] = value & (EOImode | CBPR);
        break;
      case "ICC_BPR0_EL1":
        words[at + cpu.BPR0] = Math.max(value & 7, leastBpr0);
        break;
      case "ICC_BPR1_EL1":
        if (!(words[at + cpu.CTLR]! & CBPR)) words[at + cpu.BPR1] = Math.max(value & 7, leastBpr1);
        break;
      case "ICC_IGRPEN0_EL1":
        words[at + cpu.GROUPS] = words[at + cpu.GROUPS]! & 2 | value & 1;
        break;
      case "ICC_IGRPEN1_EL1":
        words[at + cpu.GROUPS] = words[at + cpu.GROUPS]! & 1 | (value & 1) << 1;
        break;
      case "ICC_AP0R0_EL1":
        words[at + cpu.AP0R0] = value;
        break;
      case "ICC_AP1R0_EL1":
        words[at + cpu.AP1R0] = value;
        break;
    }
  }
}
