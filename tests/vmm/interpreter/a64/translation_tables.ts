// Translation tables for tests, as Arm DDI 0487, "VMSAv8-64 translation table format descriptors", draws
// them: an address, its granule and the level of the last descriptor make the tables on the way to it.

import type { Cpu } from "../../../../vmm/interpreter/a64/cpu.ts";
import { contextChanged } from "../../../../vmm/interpreter/a64/execution_context.ts";
import { flushTlb } from "../../../../vmm/interpreter/a64/tlb.ts";
import { ram } from "./bare_cpu.ts";

export const AF = 1n << 10n;
export const atEl0 = 1n << 6n, readOnly = 1n << 7n;
export const UXN = 1n << 54n, PXN = 1n << 53n, DBM = 1n << 51n;
export const normal = 1n << 2n;
export const APTable0 = 1n << 61n, APTable1 = 1n << 62n, XNTable = 1n << 60n, PXNTable = 1n << 59n;

/** Where tables are, from here on. */
export const tables = BigInt(ram.base + 0x20_0000);
const table = 3n, block = 1n;

export interface Mapping {
  readonly address: bigint;
  readonly physical: bigint;
  readonly attributes: bigint;
  /** log2 of the granule. */
  readonly granule?: number;
  readonly inputBits?: number;
  readonly lastLevel?: number;
  /** Of the table descriptors on the way. */
  readonly tableAttributes?: bigint;
}

/** Writes the tables from `tables` on, each in 64 KiB of its own; answers where the last descriptor is. */
export function map(cpu: Cpu, mapping: Mapping): bigint {
  const { address, physical, attributes } = mapping;
  const { granule = 12, inputBits = 48, lastLevel = 3, tableAttributes = 0n } = mapping;
  const stride = granule - 3;
  const first = 4 - Math.ceil((inputBits - granule) / stride);
  let at = tables;
  for (let level = first;; level++) {
    const shift = BigInt(granule + (3 - level) * stride);
    const bits = level === first ? BigInt(inputBits) - shift : BigInt(stride);
    const descriptor = at + 8n * BigInt.asUintN(Number(bits), address >> shift);
    if (level === lastLevel) {
      poke(cpu, descriptor, physical | attributes | (level === 3 ? table : block));
      return descriptor;
    }
    at += 0x1_0000n;
    poke(cpu, descriptor, at | tableAttributes | table);
  }
}

export function poke(cpu: Cpu, physical: bigint, value: bigint) {
  cpu.memory.view.setBigUint64(cpu.memory.offsetOf(physical), value, true);
}

export const peek = (cpu: Cpu, physical: bigint): bigint =>
  cpu.memory.view.getBigUint64(cpu.memory.offsetOf(physical), true);

/**
 * 48 bits of address in either half, 4 KiB granules, 48 bits of output; index 0 is device memory, 1 is
 * normal.
 */
export const usualTcr = 16n | 16n << 16n | 2n << 30n | 5n << 32n;

export function turnOn(cpu: Cpu, tcr = usualTcr, sctlr = 0n, isUpper = false) {
  cpu.setSystem(isUpper ? "TTBR1_EL1" : "TTBR0_EL1", tables);
  cpu.setSystem("TCR_EL1", tcr);
  cpu.setSystem("MAIR_EL1", 0xff00n);
  cpu.setSystem("SCTLR_EL1", sctlr | 1n);
  contextChanged(cpu);
  flushTlb(cpu);
}
