// Loads and stores that the TLB does not answer: through the MMU to memory or a device, by pages and, where
// they are misaligned, by bytes (Arm DDI 0487, "Alignment support", "Memory types and attributes").

import type { AccessSize, Cpu, VirtualMemory } from "./cpu.ts";
import { pageSize, tlbKinds } from "./cpu_layout.ts";
import { checkWatchpoints, isWatchedPage } from "./debug_exceptions.ts";
import { translate, type Translation } from "./mmu.ts";
import { regimeOf } from "./mmu_regime.ts";
import type { Region } from "./physical_memory.ts";
import { isAtEl0 } from "./pstate.ts";
import { currentKind, fillTlb } from "./tlb.ts";
import { faultStatus } from "./translation_table_walk.ts";

/** @param isEl0 whether EL0's permissions count: at EL0, and for LDTR and its like at EL1 */
export function readVirtual(cpu: Cpu, address: bigint, bytes: AccessSize, isEl0: boolean): bigint {
  checkAlignment(cpu, address, bytes, false);
  const translation = translate(cpu, address, "read", isEl0);
  checkDeviceAlignment(cpu, address, bytes, false, translation);
  if (cpu.debug.watchpoints.length > 0) checkWatchpoints(cpu, "read", address, bytes, isEl0);
  if (Number(address & BigInt(pageSize - 1)) + bytes > pageSize) {
    return readBytes(cpu, address, bytes, isEl0);
  }
  const { physical } = translation;
  const region = cpu.memory.regionAt(physical);
  if (!region) {
    cpu.deviceAddress = address;
    return cpu.surroundings.readDevice(cpu, physical, bytes);
  }
  const offset = region.offset + (physical - region.base);
  fill(cpu, isEl0, address, translation, region, offset);
  return load(cpu.memory.view, offset, bytes);
}

export function writeVirtual(cpu: Cpu, address: bigint, bytes: AccessSize, value: bigint, isEl0: boolean) {
  checkAlignment(cpu, address, bytes, true);
  const translation = translate(cpu, address, "write", isEl0);
  checkDeviceAlignment(cpu, address, bytes, true, translation);
  if (cpu.debug.watchpoints.length > 0) checkWatchpoints(cpu, "write", address, bytes, isEl0);
  if (Number(address & BigInt(pageSize - 1)) + bytes > pageSize) {
    // Both pages are there before the first byte is written.
    translate(cpu, nextPage(address), "write", isEl0);
    return writeBytes(cpu, address, bytes, value, isEl0);
  }
  const { physical } = translation;
  const region = cpu.memory.regionAt(physical);
  if (!region || region.isReadOnly) {
    cpu.deviceAddress = address;
    return cpu.surroundings.writeDevice(cpu, physical, bytes, value);
  }
  const offset = region.offset + (physical - region.base);
  store(cpu.memory.view, offset, bytes, value);
  if (fill(cpu, isEl0, address, translation, region, offset)) {
    cpu.surroundings.wrotePage(cpu, pageAddress(physical));
  }
}

/** What instructions' addresses go through at the current exception level. */
export const virtualMemory: VirtualMemory = {
  read: (cpu, address, bytes) => readVirtual(cpu, address, bytes, isAtEl0(cpu)),
  write: (cpu, address, bytes, value) => writeVirtual(cpu, address, bytes, value, isAtEl0(cpu)),
};

const pageAddress = (physical: number) => physical - physical % pageSize;
const nextPage = (address: bigint) => BigInt.asUintN(64, (address | BigInt(pageSize - 1)) + 1n);

const isAligned = (address: bigint, bytes: AccessSize) => bytes === 1 || (address & BigInt(bytes - 1)) === 0n;

/**
 * The fault of SCTLR_EL1.A goes before those of the translation. Quadwords and vectors of smaller elements come here
 * as doublewords and are checked as such, not by their elements.
 */
function checkAlignment(cpu: Cpu, address: bigint, bytes: AccessSize, isWrite: boolean) {
  if (!regimeOf(cpu).checksAlignment || isAligned(address, bytes)) return;
  throw cpu.dataAbort(faultStatus.alignment, isWrite, address);
}

/**
 * Device memory only counts as such here while it is the tables that say so: with translation off, all memory is
 * Device, and firmware that nevertheless loads misaligned works elsewhere too.
 */
function checkDeviceAlignment(
  cpu: Cpu,
  address: bigint,
  bytes: AccessSize,
  isWrite: boolean,
  { isDevice }: Translation,
) {
  if (!isDevice || isAligned(address, bytes) || !regimeOf(cpu).isOn) return;
  throw cpu.dataAbort(faultStatus.alignment, isWrite, address);
}

/** Answers whether stores to the page are watched. */
function fill(
  cpu: Cpu,
  isEl0: boolean,
  address: bigint,
  translation: Translation,
  region: Region,
  offset: number,
): boolean {
  const isWatched = cpu.surroundings.watchesPage(cpu, pageAddress(translation.physical));
  const kind = isEl0 ? tlbKinds.el0 : currentKind(cpu);
  // Where alignment is checked, memory is Device or a watchpoint is, every access comes here.
  const { checksAlignment, isOn } = regimeOf(cpu);
  if (!checksAlignment && !(translation.isDevice && isOn) && !isWatchedPage(cpu, address)) {
    fillTlb(cpu, kind, address, translation, offset, !isWatched && !region.isReadOnly);
  }
  return isWatched;
}

function readBytes(cpu: Cpu, address: bigint, bytes: AccessSize, isEl0: boolean): bigint {
  let value = 0n;
  for (let n = 0; n < bytes; n++) {
    const byte = readVirtual(cpu, BigInt.asUintN(64, address + BigInt(n)), 1, isEl0);
    value |= byte << BigInt(8 * n);
  }
  return value;
}

function writeBytes(cpu: Cpu, address: bigint, bytes: AccessSize, value: bigint, isEl0: boolean) {
  for (let n = 0; n < bytes; n++) {
    const byte = value >> BigInt(8 * n) & 0xffn;
    writeVirtual(cpu, BigInt.asUintN(64, address + BigInt(n)), 1, byte, isEl0);
  }
}

function load(view: DataView, offset: number, bytes: AccessSize): bigint {
  switch (bytes) {
    case 1:
      return BigInt(view.getUint8(offset));
    case 2:
      return BigInt(view.getUint16(offset, true));
    case 4:
      return BigInt(view.getUint32(offset, true));
    default:
      return view.getBigUint64(offset, true);
  }
}

function store(view: DataView, offset: number, bytes: AccessSize, value: bigint) {
  if (bytes === 8) return view.setBigUint64(offset, value, true);
  const number = Number(BigInt.asUintN(32, value));
  if (bytes === 4) view.setUint32(offset, number, true);
  else if (bytes === 2) view.setUint16(offset, number, true);
  else view.setUint8(offset, number);
}
