// What a vcpu's instructions reach beyond the vcpu itself: devices, the interrupt controller, the timers, the
// other vcpus and the code that was decoded. Whoever runs the vcpu gives it these.

import type { AccessSize, Cpu } from "./cpu.ts";
import type { After } from "./definition.ts";

/** What the other vcpus of the machine are asked to do before this one's next DSB completes. */
export type Broadcast = "forget translations" | "forget code";

export interface CpuSurroundings {
  /** CNTFRQ_EL0, CNTVCT_EL0, CNTPCT_EL0 (and their self-synchronised forms), CNTx_CTL_EL0, _CVAL_, _TVAL_. */
  readTimer(cpu: Cpu, name: string): bigint;
  writeTimer(cpu: Cpu, name: string, value: bigint): void;
  /** Whether there is a GICv3, whose CPU interface is system registers. */
  readonly hasInterruptRegisters: boolean;
  /** ICC_*_EL1, but for the APxRn of more than five bits of priority. */
  readInterruptRegister(cpu: Cpu, name: string): bigint;
  writeInterruptRegister(cpu: Cpu, name: string, value: bigint): void;
  /** ISR_EL1: A, I and F, in PSTATE's places: bits 8, 7 and 6. */
  pendingInterrupts(cpu: Cpu): number;
  /** Processor cycles since some moment, for PMCCNTR_EL0. */
  cycles(cpu: Cpu): bigint;
  /** Instructions that were executed since some moment. */
  instructions(cpu: Cpu): bigint;
  /** The line of the performance monitors' interrupt. */
  performanceInterrupt(cpu: Cpu, isUp: boolean): void;
  /** RNDR and RNDRRS; undefined if there is no number in reasonable time. */
  random(cpu: Cpu): bigint | undefined;
  /** CCSIDR_EL1 for this value of CSSELR_EL1; undefined where there is no such cache. */
  cacheSize(cpu: Cpu, selector: number): bigint | undefined;

  /** The PC is still the instruction's. Neither is called at EL0. */
  hvc(cpu: Cpu, immediate: number): After;
  smc(cpu: Cpu, immediate: number): After;
  /**
   * May return at any time; true where whoever runs the vcpu does the waiting, once the engine is left.
   * `deadline`: no later than when CNTVCT_EL0 is this.
   */
  waitForInterrupt(cpu: Cpu, deadline?: bigint): boolean | void;
  /** The same, until an event too; the event register is clear. */
  waitForEvent(cpu: Cpu, deadline?: bigint): boolean | void;
  /** Sets the Event Register of this vcpu, or of all. */
  setEvent(cpu: Cpu, whose: "own" | "all"): void;
  /** Clears this vcpu's Event Register and says whether it was set. */
  takeEvent(cpu: Cpu): boolean;

  /**
   * Physical addresses that are not memory, or are memory only for reads; the instruction's own is the Cpu's
   * `deviceAddress`. Throws GuestException where nothing can be.
   */
  readDevice(cpu: Cpu, address: number, bytes: AccessSize): bigint;
  writeDevice(cpu: Cpu, address: number, bytes: AccessSize, value: bigint): void;
  /**
   * Whether stores to this physical page must be told of: it holds decoded code, or its writes are logged.
   */
  watchesPage(cpu: Cpu, page: number): boolean;
  /** A store to such a page took place; `page` is the address of its first byte. */
  wrotePage(cpu: Cpu, page: number): void;
  /**
   * Decoded code of the physical page at this address is stale, or all there is: IC IVAU and IC IALLU, which
   * need do nothing where the stores before them, to watched pages, already did.
   */
  forgetCode(cpu: Cpu, page: number | "all"): void;
  broadcast(cpu: Cpu, request: Broadcast): void;

  /** An exception was taken just now: the last one of `exceptionHistory`. */
  tookException?(cpu: Cpu): void;
  /** Exceptions lead to nothing but the next: called at each of them. */
  cannotGoOn?(cpu: Cpu): void;
}
