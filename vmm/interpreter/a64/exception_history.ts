// The last exceptions of a vcpu, kept in its state, where its monitor finds them when the guest has died; and
// whether it takes exceptions for ever without completing an instruction.

import type { ExceptionKind, TakenException } from "../../kvm/syndrome.ts";
import type { CpuState } from "./cpu_state.ts";
import { cpuWord, exceptionEntry, exceptionsAt } from "./cpu_layout.ts";

const kinds: readonly ExceptionKind[] = ["synchronous", "irq", "fiq", "serror"];
const { count, size } = exceptionEntry;

/** So many exceptions in a row at the first instruction of a vector are no accident. */
export const hopeless = 100_000;

/**
 * Notes an exception. Answers how many have now followed each other, each taken by the first instruction of the
 * vector that the one before led to. Those that are the same are one entry, so that they do not drive out what
 * came before them.
 */
export function recordException(cpu: CpuState, taken: Omit<TakenException, "times">): number {
  const number = cpu.u32(cpuWord.exceptions);
  const last = placeOf(number - 1);
  const isAtVector = number > 0 && cpu.u64(last + exceptionEntry.vector) === taken.pc;
  const streak = isAtVector ? cpu.u32(cpuWord.exceptionStreak) + 1 : 1;
  cpu.setU32(cpuWord.exceptionStreak, streak);
  if (isAtVector && isAsEntry(cpu, last, taken)) {
    cpu.setU32(last + exceptionEntry.times, cpu.u32(last + exceptionEntry.times) + 1);
    return streak;
  }
  writeEntry(cpu, placeOf(number), taken);
  // The number goes round past 2^32, but never to zero, which says that there was none.
  cpu.setU32(cpuWord.exceptions, number + 1 === 2 ** 32 ? count : number + 1);
  return streak;
}

const isAsEntry = (cpu: CpuState, at: number, taken: Omit<TakenException, "times">) =>
  cpu.u64(at + exceptionEntry.pc) === taken.pc && cpu.u32(at + exceptionEntry.esr) === taken.esr &&
  cpu.u32(at + exceptionEntry.kind) === kinds.indexOf(taken.kind);

function writeEntry(cpu: CpuState, at: number, taken: Omit<TakenException, "times">) {
  cpu.setU64(at + exceptionEntry.far, taken.far);
  cpu.setU64(at + exceptionEntry.pc, taken.pc);
  cpu.setU64(at + exceptionEntry.returnAddress, taken.returnAddress);
  cpu.setU64(at + exceptionEntry.vector, taken.vector);
  cpu.setU32(at + exceptionEntry.esr, taken.esr);
  cpu.setU32(at + exceptionEntry.spsr, taken.spsr);
  cpu.setU32(at + exceptionEntry.kind, kinds.indexOf(taken.kind));
  cpu.setU32(at + exceptionEntry.times, 1);
}

const placeOf = (number: number) => exceptionsAt + number % count * size;

/** The last ones that a vcpu took, the oldest first. */
export function exceptionHistory(cpu: CpuState): TakenException[] {
  const number = cpu.u32(cpuWord.exceptions);
  const kept = Math.min(number, count);
  return Array.from({ length: kept }, (_, index) => exceptionAt(cpu, placeOf(number - kept + index)));
}

/** The last one that a vcpu took, right after it did. */
export const lastException = (cpu: CpuState) => exceptionAt(cpu, placeOf(cpu.u32(cpuWord.exceptions) - 1));

function exceptionAt(cpu: CpuState, at: number): TakenException {
  return {
    kind: kinds[cpu.u32(at + exceptionEntry.kind)]!,
    esr: cpu.u32(at + exceptionEntry.esr),
    far: cpu.u64(at + exceptionEntry.far),
    pc: cpu.u64(at + exceptionEntry.pc),
    returnAddress: cpu.u64(at + exceptionEntry.returnAddress),
    spsr: cpu.u32(at + exceptionEntry.spsr),
    vector: cpu.u64(at + exceptionEntry.vector),
    times: cpu.u32(at + exceptionEntry.times),
  };
}
