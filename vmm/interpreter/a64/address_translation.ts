// AT: a translation whose outcome goes to PAR_EL1 (Arm DDI 0487, "Address translation instructions",
// "PAR_EL1, Physical Address Register").

import type { Cpu } from "./cpu.ts";
import { type Access, lastTranslation, maintenanceAbort, type Privilege, tryTranslate } from "./mmu.ts";
import { noFault } from "./translation_table_walk.ts";

/** PAR_EL1: F says that the rest is a fault; FST is its status code. Bit 11 is one either way. */
const F = 1n, FST = 1n, RES1 = 1n << 11n, NS = 1n << 9n;
const SH = 7n, ATTR = 56n;
const pageMask = ~0xfffn;

/** Fault status codes of external aborts on a walk, of each level. */
const externalAborts: readonly number[] = [0b010011, 0b010100, 0b010101, 0b010110, 0b010111];

/** Throws GuestException for an external abort on the walk, which AT takes. */
export function addressTranslate(cpu: Cpu, address: bigint, access: Access, privilege: Privilege) {
  const fault = tryTranslate(cpu, address, access, privilege);
  if (externalAborts.includes(fault)) throw maintenanceAbort(cpu, fault, address);
  cpu.setSystem("PAR_EL1", fault === noFault ? success() : RES1 | F | BigInt(fault) << FST);
}

function success(): bigint {
  const { physical, attributes, shareability } = lastTranslation;
  return BigInt(physical) & pageMask | RES1 | NS | BigInt(attributes) << ATTR | BigInt(shareability) << SH;
}
