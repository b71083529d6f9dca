// A vcpu with a piece of memory and nothing around it, at EL1 with its MMU off, for tests of what
// instructions do without an engine.

import { Cpu } from "../../../../vmm/interpreter/a64/cpu.ts";
import { cpuBytes } from "../../../../vmm/interpreter/a64/cpu_layout.ts";
import { contextChanged } from "../../../../vmm/interpreter/a64/execution_context.ts";
import type { Definition } from "../../../../vmm/interpreter/a64/definition.ts";
import type { After } from "../../../../vmm/interpreter/a64/definition.ts";
import { GuestException } from "../../../../vmm/interpreter/a64/guest_exception.ts";
import { systemInstructions } from "../../../../vmm/interpreter/a64/instructions/system.ts";
import { virtualMemory } from "../../../../vmm/interpreter/a64/mmu_access.ts";
import { fieldsOf, matches } from "../../../../vmm/interpreter/a64/pattern.ts";
import { PhysicalMemory } from "../../../../vmm/interpreter/a64/physical_memory.ts";
import { EL1h, PSTATE } from "../../../../vmm/interpreter/a64/pstate.ts";
import type { CpuSurroundings } from "../../../../vmm/interpreter/a64/surroundings.ts";
import { flushTlb } from "../../../../vmm/interpreter/a64/tlb.ts";
import type { HostProfile } from "../../../../vmm/interpreter/host_profile.ts";
import { findHost } from "../../../../vmm/interpreter/hosts.ts";

export const ram = { base: 0x4000_0000, size: 0x40_0000 } as const;
const ramAt = Math.ceil(cpuBytes / 0x1_0000) * 0x1_0000;

/** What was asked of the surroundings, in words. */
export interface BareCpu {
  readonly cpu: Cpu;
  readonly asked: string[];
  /** Byte offset of the memory's first byte. */
  readonly ramAt: number;
}

export function quietSurroundings(asked: string[]): CpuSurroundings {
  const ask = (what: string) => {
    asked.push(what);
  };
  return {
    readTimer: (_, name) => (ask(`read ${name}`), 7n),
    writeTimer: (_, name, value) => ask(`write ${name} ${value}`),
    hasInterruptRegisters: true,
    readInterruptRegister: (_, name) => (ask(`read ${name}`), 9n),
    writeInterruptRegister: (_, name, value) => ask(`write ${name} ${value}`),
    pendingInterrupts: () => 0,
    cycles: () => 100n,
    instructions: () => 0n,
    performanceInterrupt: (_, isUp) => ask(`performance interrupt ${isUp}`),
    random: () => 4n,
    cacheSize: (_, selector) => BigInt(selector),
    hvc: (_, immediate) => ask(`hvc ${immediate}`),
    smc: (_, immediate) => ask(`smc ${immediate}`),
    waitForInterrupt: () => ask("wait for interrupt"),
    waitForEvent: () => ask("wait for event"),
    setEvent: (_, whose) => ask(`event ${whose}`),
    takeEvent: () => false,
    readDevice: (_, address, bytes) => (ask(`read ${address.toString(16)} ${bytes}`), 5n),
    writeDevice: (_, address, bytes, value) => ask(`write ${address.toString(16)} ${bytes} ${value}`),
    watchesPage: () => false,
    wrotePage: (_, page) => ask(`wrote ${page.toString(16)}`),
    forgetCode: (_, page) => ask(`forget code ${page.toString(16)}`),
    broadcast: (_, request) => ask(`all: ${request}`),
  };
}

export function bareCpu(
  { host = "max", changes = {}, surroundings = {} }: {
    host?: string;
    /** Of ID registers. */
    changes?: Readonly<Record<string, bigint>>;
    surroundings?: Partial<CpuSurroundings>;
  } = {},
): BareCpu {
  const asked: string[] = [];
  const buffer = new SharedArrayBuffer(ramAt + ram.size);
  const memory = new PhysicalMemory(buffer, [{ ...ram, offset: ramAt, isReadOnly: false }]);
  const known = findHost(host);
  const profile: HostProfile = { ...known, idRegisters: { ...known.idRegisters, ...changes } };
  const around = { ...quietSurroundings(asked), ...surroundings };
  const cpu = new Cpu(memory, 0, profile, virtualMemory, around);
  cpu.pstate = PSTATE.DAIF | EL1h;
  flushTlb(cpu);
  contextChanged(cpu);
  return { cpu, asked, ramAt };
}

const find = (word: number): Definition | undefined =>
  systemInstructions.find(({ pattern, valid }) =>
    matches(pattern, word) && (valid?.(fieldsOf(pattern, word)) ?? true)
  );

/** Does what one system instruction's `run` says; answers its exception, if it takes one. */
export function execute(cpu: Cpu, word: number): After | GuestException {
  const definition = find(word);
  if (!definition?.run) {
    throw new Error(`${word.toString(16)} is no system instruction with a meaning of its own`);
  }
  try {
    return definition.run(cpu, fieldsOf(definition.pattern, word));
  } catch (exception) {
    if (exception instanceof GuestException) return exception;
    throw exception;
  }
}

/** The exception that an access takes. */
export function faultOf(access: () => unknown): GuestException {
  try {
    access();
  } catch (exception) {
    if (exception instanceof GuestException) return exception;
    throw exception;
  }
  throw new Error("no exception was taken");
}
