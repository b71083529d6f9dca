// DC and IC: there are no caches but that of decoded code (Arm DDI 0487, "Cache maintenance instructions"),
// so most of it is checking the address.

import type { Cpu } from "./cpu.ts";
import { pageSize } from "./cpu_layout.ts";
import { lastTranslation, maintenanceAbort, privilegeOf, tryTranslate } from "./mmu.ts";
import { isAtEl0 } from "./pstate.ts";
import { zeroBlockBytes } from "./system_registers_identification.ts";
import { faultStatus, noFault } from "./translation_table_walk.ts";

/** The address must be translated; at EL0 it must also be readable, at EL1 what is asked for. */
function check(cpu: Cpu, address: bigint, needsWrite = false): number {
  const isEl0 = isAtEl0(cpu);
  const fault = tryTranslate(cpu, address, "read", privilegeOf(cpu, isEl0));
  const isForbidden = (fault & ~3) === faultStatus.permission;
  // At EL1 permissions do not count, but for what would lose data.
  if (fault !== noFault && (isEl0 || !isForbidden)) throw maintenanceAbort(cpu, fault, address);
  if (needsWrite && !lastTranslation.writable && !isForbidden) return checkWrite(cpu, address);
  return fault === noFault ? lastTranslation.physical : -1;
}

function checkWrite(cpu: Cpu, address: bigint): number {
  const fault = tryTranslate(cpu, address, "write", privilegeOf(cpu, isAtEl0(cpu)));
  if (fault !== noFault) throw maintenanceAbort(cpu, fault, address);
  return lastTranslation.physical;
}

/** DC CVAU, CVAC, CVAP, CVADP, CIVAC. */
export function cleanByAddress(cpu: Cpu, address: bigint) {
  check(cpu, address);
}

/** DC IVAC. */
export function invalidateByAddress(cpu: Cpu, address: bigint) {
  check(cpu, address, true);
}

/** IC IVAU. */
export function forgetInstructions(cpu: Cpu, address: bigint) {
  const physical = check(cpu, address);
  const page = physical < 0 ? "all" : physical - physical % pageSize;
  cpu.surroundings.forgetCode(cpu, page);
  cpu.surroundings.broadcast(cpu, "forget code");
}

/** IC IALLU, and IALLUIS for all vcpus. */
export function forgetAllInstructions(cpu: Cpu, isShared: boolean) {
  cpu.surroundings.forgetCode(cpu, "all");
  if (isShared) cpu.surroundings.broadcast(cpu, "forget code");
}

/** DC ZVA. */
export function zeroBlock(cpu: Cpu, address: bigint) {
  const start = address & -BigInt(zeroBlockBytes);
  for (let at = 0; at < zeroBlockBytes; at += 8) cpu.write(start + BigInt(at), 8, 0n);
}
