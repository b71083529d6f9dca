// What of the memory system a vcpu's ID registers announce (Arm DDI 0487, "ID_AA64MMFR0_EL1" to
// "ID_AA64MMFR2_EL1").

import type { Cpu } from "./cpu.ts";

/** Bits of a physical address by PARange and by TCR_EL1.IPS. */
export const addressBits = [32, 36, 40, 42, 44, 48, 52, 56] as const;
export const mostAddressBits = 52;

export interface MmuFeatures {
  readonly physicalBits: number;
  /** By granule, its log2: whether there is it, and whether it reaches 52 bits with TCR_EL1.DS. */
  readonly granules: Readonly<Record<number, { readonly isThere: boolean; readonly hasLpa2: boolean }>>;
  /** FEAT_LVA: input addresses of 52 bits with 64 KiB granules. */
  readonly hasLva: boolean;
  /** FEAT_TTST. */
  readonly hasSmallTables: boolean;
  readonly hasHpds: boolean;
  readonly hasHardwareAccessFlag: boolean;
  readonly hasHardwareDirty: boolean;
  readonly hasEpan: boolean;
  readonly hasE0pd: boolean;
  /** FEAT_BTI. */
  readonly hasGuardedPages: boolean;
}

const cache = new WeakMap<object, MmuFeatures>();

export function mmuFeatures(cpu: Cpu): MmuFeatures {
  let known = cache.get(cpu.profile);
  if (!known) cache.set(cpu.profile, known = read(cpu));
  return known;
}

function read(cpu: Cpu): MmuFeatures {
  const mmfr0 = (shift: number) => cpu.idField("ID_AA64MMFR0_EL1", shift);
  const mmfr1 = (shift: number) => cpu.idField("ID_AA64MMFR1_EL1", shift);
  const mmfr2 = (shift: number) => cpu.idField("ID_AA64MMFR2_EL1", shift);
  const [TGran4, TGran64, TGran16] = [mmfr0(28), mmfr0(24), mmfr0(20)];
  return {
    physicalBits: Math.min(addressBits[mmfr0(0)] ?? mostAddressBits, mostAddressBits),
    granules: {
      12: { isThere: TGran4 !== 0xf, hasLpa2: TGran4 === 1 },
      14: { isThere: TGran16 !== 0, hasLpa2: TGran16 === 2 },
      16: { isThere: TGran64 !== 0xf, hasLpa2: false },
    },
    hasLva: mmfr2(16) >= 1,
    hasSmallTables: mmfr2(28) >= 1,
    hasHpds: mmfr1(12) >= 1,
    hasHardwareAccessFlag: mmfr1(0) >= 1,
    hasHardwareDirty: mmfr1(0) >= 2,
    hasEpan: mmfr1(20) >= 3,
    hasE0pd: mmfr2(60) >= 1,
    hasGuardedPages: cpu.idField("ID_AA64PFR1_EL1", 0) >= 1,
  };
}
