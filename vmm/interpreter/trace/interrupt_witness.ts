// Tells what a vcpu sees of its interrupt controller: which interrupt becomes pending, is acknowledged, ended,
// sent (Arm IHI 0069, "Interrupt lifecycle").

import type { Trace } from "../../kvm/trace.ts";
import type { Cpu } from "../a64/cpu.ts";
import type { CpuSurroundings } from "../a64/surroundings.ts";

const firstSpecial = 1020;
const firstPpi = 16, firstSpi = 32;

/** `SPI 1 (INTID 33)`. */
export function interruptName(intid: number): string {
  if (intid >= firstSpecial) return `no interrupt (INTID ${intid})`;
  const [kind, number] = intid < firstPpi
    ? ["SGI", intid]
    : intid < firstSpi
    ? ["PPI", intid - firstPpi]
    : ["SPI", intid - firstSpi];
  return `${kind} ${number} (INTID ${intid})`;
}

const intidOf = (value: bigint) => Number(value & 0xff_ffffn);

/** What a write to a register of the CPU interface does to the interrupt that its value names. */
const does: Readonly<Record<string, string>> = {
  ICC_EOIR0_EL1: "end",
  ICC_EOIR1_EL1: "end",
  ICC_DIR_EL1: "deactivate",
};
const sends = /^ICC_A?SGI[01]R_EL1$/;
const acknowledges = /^ICC_IAR[01]_EL1$/;
const sgiShift = 24n;

export class InterruptWitness {
  /** INTIDs that were pending last, of groups 0 and 1. */
  readonly #pending = [firstSpecial, firstSpecial];

  constructor(readonly trace: Trace, readonly around: CpuSurroundings) {}

  surroundings(): Partial<CpuSurroundings> {
    return {
      readInterruptRegister: (cpu, name) => {
        const value = this.around.readInterruptRegister(cpu, name);
        if (acknowledges.test(name)) this.#tell("acknowledge", intidOf(value));
        return value;
      },
      writeInterruptRegister: (cpu, name, value) => {
        this.around.writeInterruptRegister(cpu, name, value);
        const action = does[name];
        if (action) this.#tell(action, intidOf(value));
        else if (sends.test(name)) this.#tellSent(name, value);
      },
    };
  }

  /** Tells of the interrupt that waits to be taken, if it is another than the last time. */
  look(cpu: Cpu) {
    if (!this.around.hasInterruptRegisters) return;
    this.#pending.forEach((before, group) => {
      const intid = intidOf(this.around.readInterruptRegister(cpu, `ICC_HPPIR${group}_EL1`));
      this.#pending[group] = intid;
      if (intid !== before && intid < firstSpecial) this.#tell("pending", intid);
    });
  }

  #tell(action: string, intid: number) {
    this.trace.tell("irq", `${action} ${interruptName(intid)}`, { action, intid });
  }

  #tellSent(register: string, value: bigint) {
    const intid = Number(value >> sgiShift & 0xfn);
    const text = `send ${interruptName(intid)} by ${register} 0x${value.toString(16)}`;
    this.trace.tell("irq", text, { action: "send", intid, register, value: "0x" + value.toString(16) });
  }
}
