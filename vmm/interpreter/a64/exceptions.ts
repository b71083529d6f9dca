// Exceptions are entered and returned from (Arm DDI 0487, "The AArch64 System Level Programmers' Model",
// shared pseudocode "AArch64.TakeException" and "AArch64.ExceptionReturn").

import type { Cpu } from "./cpu.ts";
import { cpuWord, slot, systemRegisterAt } from "./cpu_layout.ts";
import { stepAfterReturn } from "./debug_unit.ts";
import type { ExceptionKind } from "../../kvm/syndrome.ts";
import { hopeless, recordException } from "./exception_history.ts";
import { levelChanged } from "./execution_context.ts";
import { GuestException } from "./guest_exception.ts";
import { branchAddress } from "./mmu_regime.ts";
import { countPerformance } from "./performance_unit.ts";
import { EL0, EL1, EL1h, offeredFields, PSTATE } from "./pstate.ts";

const exceptionClass = { illegalExecutionState: 0x0e, serror: 0x2f } as const;
const classShift = 26n;
/** ESR_EL1.IL: the instruction has 32 bits. */
const IL = 1n << 25n;
const instructionSize = 4n;

/** Offsets from VBAR_EL1: of the kind, and of where it comes from. */
const vector = { synchronous: 0, irq: 0x80, fiq: 0x100, serror: 0x180 } as const;
const fromSpEl0 = 0, fromSpEl1 = 0x200, fromEl0 = 0x400, fromAArch32 = 0x600;

/** SCTLR_EL1.SPAN: PAN stays as it is. SCTLR_EL1.DSSBS: what SSBS becomes. */
const SPAN = 1n << 23n, DSSBS = 1n << 44n;

const at = {
  spEl0: systemRegisterAt.get("SP_EL0")!,
  spEl1: systemRegisterAt.get("SP_EL1")!,
  SPSR: systemRegisterAt.get("SPSR_EL1")!,
  ELR: systemRegisterAt.get("ELR_EL1")!,
  ESR: systemRegisterAt.get("ESR_EL1")!,
  FAR: systemRegisterAt.get("FAR_EL1")!,
  VBAR: systemRegisterAt.get("VBAR_EL1")!,
  SCTLR: systemRegisterAt.get("SCTLR_EL1")!,
};

/** Takes a synchronous exception; the PC is that of the instruction. */
export function enterException(cpu: Cpu, exception: GuestException) {
  const { ec, iss, faultAddress, returnsAfter } = exception;
  cpu.setU64(at.ESR, BigInt(ec) << classShift | IL | BigInt(iss));
  if (faultAddress !== undefined) cpu.setU64(at.FAR, BigInt.asUintN(64, faultAddress));
  // Where the instruction is done, so is the step that it was run for.
  if (returnsAfter) cpu.pstate &= ~PSTATE.SS;
  take(cpu, "synchronous", returnsAfter ? cpu.pc + instructionSize : cpu.pc);
}

/**
 * Takes an interrupt between two instructions; the PC is that of the second. Whether it is masked is for the
 * caller to see (`isMasked`).
 * @param syndrome of an SError: ESR_EL1.ISS
 */
export function enterInterrupt(cpu: Cpu, kind: "irq" | "fiq" | "serror", syndrome = 0) {
  if (kind === "serror") {
    cpu.setU64(at.ESR, BigInt(exceptionClass.serror) << classShift | IL | BigInt(syndrome));
  }
  take(cpu, kind, cpu.pc);
}

const masks = { irq: PSTATE.I, fiq: PSTATE.F, serror: PSTATE.A } as const;

export const isMasked = (cpu: Cpu, kind: keyof typeof masks): boolean => (cpu.pstate & masks[kind]) !== 0;

/** Whether an interrupt is to be taken before the next instruction. */
export const hasUnmaskedInterrupt = (cpu: Cpu): boolean =>
  (cpu.surroundings.pendingInterrupts(cpu) & ~cpu.pstate & (PSTATE.A | PSTATE.I | PSTATE.F)) !== 0;

function take(cpu: Cpu, kind: ExceptionKind, returnAddress: bigint) {
  const before = cpu.pstate;
  const { pc, surroundings } = cpu;
  const offered = offeredFields(cpu);
  // BTYPE is left there by branches whether the vcpu has it or not.
  const spsr = (before & (offered | ~PSTATE.BTYPE) | cpu.nzcv) >>> 0;
  cpu.setU64(at.SPSR, BigInt(spsr));
  cpu.setU64(at.ELR, BigInt.asUintN(64, returnAddress));
  const sctlr = cpu.u64(at.SCTLR);
  let after = before & (PSTATE.PAN | PSTATE.DIT) | PSTATE.DAIF | EL1h;
  if (!(sctlr & SPAN)) after |= offered & PSTATE.PAN;
  if (sctlr & DSSBS) after |= offered & PSTATE.SSBS;
  setPstate(cpu, after);
  cpu.pc = BigInt.asUintN(64, (cpu.u64(at.VBAR) & ~0x7ffn) + BigInt(vector[kind] + source(before)));
  const streak = recordException(cpu, {
    kind,
    pc,
    returnAddress,
    spsr,
    vector: cpu.pc,
    esr: cpu.u32(at.ESR),
    far: cpu.u64(at.FAR),
  });
  surroundings.tookException?.(cpu);
  if (streak >= hopeless) surroundings.cannotGoOn?.(cpu);
}

function source(pstate: number): number {
  if (pstate & PSTATE.nRW) return fromAArch32;
  if ((pstate & PSTATE.EL) === EL0) return fromEl0;
  return pstate & PSTATE.SP ? fromSpEl1 : fromSpEl0;
}

/** Changes PSTATE but for NZCV; SP and all that depends on the exception level follow. */
export function setPstate(cpu: Cpu, after: number) {
  const before = cpu.pstate;
  const [from, to] = [stackPointerOf(before), stackPointerOf(after)];
  if (cpu.performance.isOn && (before ^ after) & PSTATE.EL) countPerformance(cpu);
  cpu.pstate = after;
  if (from !== to) {
    cpu.setU64(from, cpu.x[slot.sp]!);
    cpu.x[slot.sp] = cpu.u64(to);
  }
  if ((before ^ after) & (PSTATE.EL | PSTATE.PAN)) levelChanged(cpu);
}

/** Where the register lies that is SP with this PSTATE, while it is not. */
const stackPointerOf = (pstate: number): number => pstate & PSTATE.SP ? at.spEl1 : at.spEl0;

/** SP_EL0 or SP_EL1, of which one is in use. */
export function readStackPointer(cpu: Cpu, name: "SP_EL0" | "SP_EL1"): bigint {
  const place = name === "SP_EL0" ? at.spEl0 : at.spEl1;
  return place === stackPointerOf(cpu.pstate) ? cpu.x[slot.sp]! : cpu.u64(place);
}

export function writeStackPointer(cpu: Cpu, name: "SP_EL0" | "SP_EL1", value: bigint) {
  const place = name === "SP_EL0" ? at.spEl0 : at.spEl1;
  if (place === stackPointerOf(cpu.pstate)) cpu.x[slot.sp] = value;
  else cpu.setU64(place, value);
}

/**
 * ERET at EL1, and the returns with authentication.
 * @param target ELR_EL1, or what authentication made of it
 */
export function exceptionReturn(cpu: Cpu, target = cpu.u64(at.ELR)) {
  const spsr = Number(BigInt.asUintN(32, cpu.u64(at.SPSR)));
  const isLegal = isLegalReturn(spsr);
  cpu.nzcv = (spsr & PSTATE.NZCV) >>> 0;
  const kept = spsr & (PSTATE.DAIF | PSTATE.IL | offeredFields(cpu));
  const level = isLegal ? spsr & (PSTATE.EL | PSTATE.SP) : cpu.pstate & (PSTATE.EL | PSTATE.SP) | PSTATE.IL;
  const step = stepAfterReturn(cpu, spsr, (level & PSTATE.EL) === EL0);
  setPstate(cpu, kept | level | step);
  cpu.pc = branchAddress(cpu, target);
  cpu.setU32(cpuWord.exclusiveSize, 0);
  cpu.surroundings.setEvent(cpu, "own");
  // No instruction runs in the illegal execution state: the exception is taken at once.
  if (cpu.pstate & PSTATE.IL) {
    enterException(cpu, new GuestException(exceptionClass.illegalExecutionState, 0));
  }
}

/** To EL0, or to EL1 with either stack pointer; EL0 in AArch32 is not implemented, so not legal here. */
function isLegalReturn(spsr: number): boolean {
  const mode = spsr & 0x1f;
  return mode === EL0 || mode === EL1 || mode === EL1h;
}
