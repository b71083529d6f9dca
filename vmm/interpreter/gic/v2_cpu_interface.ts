// A GICv2's CPU interface in memory, as a guest has it: the virtual one of the hardware (Arm IHI 0048, "The GIC
// virtual CPU interface", GICV_*), with five bits of priority. The lock is held wherever it is called.

import type { CpuInterface } from "./cpu_interface.ts";
import type { Delivery } from "./delivery.ts";
import {
  AckCtl,
  CBPR,
  cpu,
  EOImode,
  FIQEn,
  type GicState,
  leastBpr0,
  leastBpr1,
  none,
  priorityMask,
  priorityShift,
} from "./gic_state.ts";

const CTLR = 0x0, PMR = 0x4, BPR = 0x8, IAR = 0xc, EOIR = 0x10, RPR = 0x14, HPPIR = 0x18, ABPR = 0x1c;
const AIAR = 0x20, AEOIR = 0x24, AHPPIR = 0x28, APR0 = 0xd0, IIDR = 0xfc, DIR = 0x1000;
/** GICV_CTLR's bits beside the groups' enables, and the internal ones. */
const controls: readonly (readonly [bit: number, internal: number])[] = [
  [1 << 2, AckCtl],
  [1 << 3, FIQEn],
  [1 << 4, CBPR],
  [1 << 9, EOImode],
];
/** Architecture version 2, Arm as implementer; and KVM's product number, which only its monitor sees. */
const identification = 0x0002_043b, monitorsIdentification = 0x04b2_043b;
const CPUID = 10, intidField = 0x3ff, firstSpecial = 1020;
/** The INTID of an interrupt of group 1 that this register does not acknowledge. */
const otherGroup = 1022;
const activePrioritiesEnd = 0xe0;

/** Words that KVM_DEV_ARM_VGIC_GRP_CPU_REGS has. */
export const hasV2Interface = (offset: number) =>
  [CTLR, PMR, BPR, ABPR, IIDR].includes(offset) ||
  offset >= APR0 && offset < activePrioritiesEnd && offset % 4 === 0;

export class V2CpuInterface {
  constructor(
    readonly state: GicState,
    readonly delivery: Delivery,
    readonly cpuInterface: CpuInterface,
  ) {}

  read(vcpu: number, offset: number, width: number): number {
    if (width !== 4) return 0;
    switch (offset) {
      case IAR:
        return this.#acknowledge(vcpu, false);
      case AIAR:
        return this.#acknowledge(vcpu, true);
      case HPPIR:
        return this.#highest(vcpu, false);
      case AHPPIR:
        return this.#highest(vcpu, true);
      case RPR:
        return this.delivery.runningPriority(this.state.cpu(vcpu));
      case PMR:
        return this.state.words[this.state.cpu(vcpu) + cpu.PMR]!;
      case IIDR:
        return identification;
      default:
        return this.#readPlain(this.state.cpu(vcpu), offset);
    }
  }

  write(vcpu: number, offset: number, width: number, value: number) {
    if (width !== 4) return;
    const at = this.state.cpu(vcpu);
    switch (offset) {
      case EOIR:
      case AEOIR:
        return this.#end(vcpu, value & intidField);
      case DIR:
        return this.cpuInterface.deactivate(vcpu, value & intidField);
      case PMR:
        this.state.words[at + cpu.PMR] = value & priorityMask;
        break;
      default:
        this.#writePlain(at, offset, value);
    }
    this.delivery.refresh(vcpu);
  }

  /** The monitor's PMR has the priority's five bits only. */
  save(vcpu: number, offset: number): number {
    const at = this.state.cpu(vcpu);
    if (offset === PMR) return this.state.words[at + cpu.PMR]! >> priorityShift;
    return offset === IIDR ? monitorsIdentification : this.#readPlain(at, offset);
  }

  restore(vcpu: number, offset: number, value: number) {
    const at = this.state.cpu(vcpu);
    if (offset === PMR) this.state.words[at + cpu.PMR] = value << priorityShift & priorityMask;
    else this.#writePlain(at, offset, value);
    this.delivery.refresh(vcpu);
  }

  #readPlain(at: number, offset: number): number {
    const { words } = this.state;
    switch (offset) {
      case CTLR:
        return controls.reduce(
          (sum, [bit, internal]) => words[at + cpu.CTLR]! & internal ? sum | bit : sum,
          words[at + cpu.GROUPS]!,
        );
      case BPR:
        return words[at + cpu.BPR0]!;
      case ABPR:
        return words[at + cpu.BPR1]!;
      case APR0:
        return words[at + cpu.AP0R0]! | words[at + cpu.AP1R0]!;
      default:
        return 0;
    }
  }

  #writePlain(at: number, offset: number, value: number) {
    const { words } = this.state;
    switch (offset) {
      case CTLR:
        words[at + cpu.GROUPS] = value & 3;
        words[at + cpu.CTLR] = controls.reduce(
          (sum, [bit, internal]) => value & bit ? sum | internal : sum,
          0,
        );
        break;
      case BPR:
        words[at + cpu.BPR0] = Math.max(value & 7, leastBpr0);
        break;
      case ABPR:
        words[at + cpu.BPR1] = Math.max(value & 7, leastBpr1);
        break;
      case APR0:
        words[at + cpu.AP0R0] = value;
        words[at + cpu.AP1R0] = 0;
        break;
    }
  }

  /** GICV_AIAR acknowledges group 1 alone; GICV_IAR that too if AckCtl is set. */
  #acknowledge(vcpu: number, isAlias: boolean): number {
    const at = this.state.cpu(vcpu);
    if (!this.state.words[at + cpu.SIGNAL]) return none;
    const visible = this.#visible(at, isAlias);
    if (visible >= firstSpecial) return visible;
    const intid = this.cpuInterface.acknowledge(vcpu, this.state.words[at + cpu.BEST_GROUP]!);
    return intid < 16 ? intid | this.#takeSource(vcpu, intid) << CPUID : intid;
  }

  #highest(vcpu: number, isAlias: boolean): number {
    const intid = this.#visible(this.state.cpu(vcpu), isAlias);
    return intid < 16 ? intid | firstSource(this.state.sources(vcpu, intid)) << CPUID : intid;
  }

  /** The best interrupt, or what stands for one of the group that is not asked for. */
  #visible(at: number, isAlias: boolean): number {
    const { words } = this.state;
    if (words[at + cpu.BEST] === none) return none;
    const isGroup1 = words[at + cpu.BEST_GROUP] === 1;
    if (isAlias) return isGroup1 ? words[at + cpu.BEST]! : none;
    return isGroup1 && !(words[at + cpu.CTLR]! & AckCtl) ? otherGroup : words[at + cpu.BEST]!;
  }

  /** Of an SGI that was acknowledged: whose it was. It stays pending if others sent it too. */
  #takeSource(vcpu: number, sgi: number): number {
    const sources = this.state.sources(vcpu, sgi);
    const left = sources & sources - 1;
    this.state.setSources(vcpu, sgi, left);
    if (left) this.cpuInterface.keepPending(vcpu, sgi);
    return firstSource(sources);
  }

  #end(vcpu: number, intid: number) {
    const at = this.state.cpu(vcpu);
    const [ap0, ap1] = [this.state.words[at + cpu.AP0R0]!, this.state.words[at + cpu.AP1R0]!];
    // One register has the active priorities of both groups: the highest one ends.
    const isGroup1 = ap1 !== 0 && (ap0 === 0 || (ap1 & -ap1) >>> 0 < (ap0 & -ap0) >>> 0);
    this.cpuInterface.end(vcpu, intid, isGroup1 ? 1 : 0);
  }
}

const firstSource = (sources: number) => sources ? 31 - Math.clz32(sources & -sources) : 0;
