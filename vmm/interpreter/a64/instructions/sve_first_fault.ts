// First-fault and non-fault loads (Arm DDI 0487, "SVE memory accesses", "First Fault Register", the shared
// pseudocode "MemNF"): a fault is not taken, but FFR says from which lane on nothing was loaded. Those lanes
// are zeroes here.

import type { Cpu } from "../cpu.ts";
import { GuestException } from "../guest_exception.ts";
import { lastTranslation, privilegeOf, tryTranslate } from "../mmu.ts";
import { virtualMemory } from "../mmu_access.ts";
import { isAtEl0 } from "../pstate.ts";
import { noFault } from "../translation_table_walk.ts";
import { type MemoryElement, readElement } from "./sve_memory_elements.ts";
import { FFR, isActive, laneCount, predicateOf, setPredicate } from "./sve_registers.ts";

/** Whether a load there would touch a device, which a load that may not fault must not. */
function isDevice(cpu: Cpu, address: bigint): boolean {
  if (cpu.virtualMemory !== virtualMemory) return false;
  const fault = tryTranslate(cpu, BigInt.asUintN(64, address), "read", privilegeOf(cpu, isAtEl0(cpu)));
  if (fault !== noFault) return false;
  return lastTranslation.isDevice || cpu.memory.regionAt(lastTranslation.physical) === undefined;
}

/** Undefined for what may not be loaded. */
function readWithoutFault(cpu: Cpu, address: bigint, element: MemoryElement): bigint | undefined {
  const last = address + BigInt((1 << element.msz) - 1);
  if (isDevice(cpu, address) || isDevice(cpu, last)) return undefined;
  try {
    return readElement(cpu, address, element);
  } catch (exception) {
    if (exception instanceof GuestException) return undefined;
    throw exception;
  }
}

/** @param takesFirst whether the first active lane's fault is an exception, as of LDFF1 */
export function loadUntilFault(
  cpu: Cpu,
  Pg: number,
  element: MemoryElement,
  addressOf: (lane: number) => bigint,
  takesFirst: boolean,
): bigint[] {
  const { size } = element, count = laneCount(cpu, size);
  const values = new Array<bigint>(count).fill(0n);
  let isFirst = takesFirst;
  for (let lane = 0; lane < count; lane++) {
    if (!isActive(cpu, Pg, size, lane)) continue;
    const address = addressOf(lane);
    const value = isFirst ? readElement(cpu, address, element) : readWithoutFault(cpu, address, element);
    isFirst = false;
    if (value === undefined) {
      const end = lane << size;
      setPredicate(cpu, FFR, 0, predicateOf(cpu, FFR, 0).map((flag, bit) => flag && bit < end));
      return values;
    }
    values[lane] = value;
  }
  return values;
}
