// The EL1&0 translation regime as SCTLR_EL1, TCR_EL1, MAIR_EL1 and the TTBRs set it, prepared for the walk
// (Arm DDI 0487, "TCR_EL1, Translation Control Register (EL1)" and "The VMSAv8-64 address translation
// system").

import type { Cpu } from "./cpu.ts";
import { addressBits, type MmuFeatures, mmuFeatures, mostAddressBits } from "./mmu_features.ts";

/** Half of the address space: that of TTBR0_EL1 or of TTBR1_EL1. */
export interface Half {
  /** EPDn: no walks. */
  readonly isDisabled: boolean;
  /** Bits of an input address. */
  readonly inputBits: number;
  /** log2 of the granule's bytes. */
  readonly granule: number;
  readonly startLevel: number;
  /** Physical address of the first table. */
  readonly table: number;
  readonly outputBits: number;
  /** Where descriptors keep bits 51 to 48 of an address. */
  readonly upperBits: "none" | "64k" | "DS";
  /** The top byte of addresses is a tag: of data, and of instructions. */
  readonly ignoresTopByte: boolean;
  readonly ignoresTopByteOfCode: boolean;
  /** E0PDn: EL0 has no access. */
  readonly refusesEl0: boolean;
  /** HPDn: tables have no attributes. */
  readonly ignoresTableAttributes: boolean;
  /** SHn: that of the tables, and with FEAT_LPA2's format of all that they map. */
  readonly shareability: number;
}

export interface Regime {
  readonly isOn: boolean;
  readonly halves: readonly [Half, Half];
  /** Of addresses while translation is off. */
  readonly physicalBits: number;
  readonly isWxn: boolean;
  readonly isEpan: boolean;
  readonly hasGuardedPages: boolean;
  /** SCTLR_EL1.A: every misaligned access faults. */
  readonly checksAlignment: boolean;
  readonly setsAccessFlag: boolean;
  /** HD, which counts with HA only. */
  readonly setsDirty: boolean;
  /** The attributes of MAIR_EL1, by index. */
  readonly memoryAttributes: Uint8Array<ArrayBuffer>;
}

const M = 0n, A = 1n, WXN = 19n, EPAN = 57n;
const HA = 39n, HD = 40n, DS = 59n, IPS = 32n;
const granulesOfTg0 = [12, 16, 14, undefined], granulesOfTg1 = [undefined, 14, 12, 16];

const bit = (value: bigint, at: bigint) => (value >> at & 1n) === 1n;
const field = (value: bigint, at: bigint, mask: number) => Number(value >> at & BigInt(mask));

const regimes = new WeakMap<Cpu, Regime>();

/** The regime that counts now. */
export function regimeOf(cpu: Cpu): Regime {
  return regimes.get(cpu) ?? refreshRegime(cpu);
}

/** To be called when one of the registers was written, by whomever. */
export function refreshRegime(cpu: Cpu): Regime {
  const sctlr = cpu.system("SCTLR_EL1");
  const tcr = cpu.system("TCR_EL1");
  const features = mmuFeatures(cpu);
  const setsAccessFlag = features.hasHardwareAccessFlag && bit(tcr, HA);
  const regime: Regime = {
    isOn: bit(sctlr, M),
    halves: [
      half(cpu.system("TTBR0_EL1"), tcr, 0, features),
      half(cpu.system("TTBR1_EL1"), tcr, 1, features),
    ],
    physicalBits: features.physicalBits,
    isWxn: bit(sctlr, WXN),
    isEpan: features.hasEpan && bit(sctlr, EPAN),
    hasGuardedPages: features.hasGuardedPages,
    checksAlignment: bit(sctlr, A),
    setsAccessFlag,
    setsDirty: features.hasHardwareDirty && setsAccessFlag && bit(tcr, HD),
    memoryAttributes: new Uint8Array(new BigUint64Array([cpu.system("MAIR_EL1")]).buffer),
  };
  regimes.set(cpu, regime);
  return regime;
}

/** Where TCR_EL1 has the fields of each half: TnSZ, EPDn, SHn, TGn, TBIn, HPDn, TBIDn, E0PDn. */
const places = [
  { TSZ: 0n, EPD: 7n, SH: 12n, TG: 14n, TBI: 37n, HPD: 41n, TBID: 51n, E0PD: 55n },
  { TSZ: 16n, EPD: 23n, SH: 28n, TG: 30n, TBI: 38n, HPD: 42n, TBID: 52n, E0PD: 56n },
] as const;

function half(ttbr: bigint, tcr: bigint, which: 0 | 1, features: MmuFeatures): Half {
  const at = places[which];
  const granule = granuleOf(field(tcr, at.TG, 3), which, features);
  const isDs = bit(tcr, DS) && features.granules[granule]!.hasLpa2;
  const upperBits = isDs
    ? "DS"
    : granule === 16 && features.physicalBits === mostAddressBits
    ? "64k"
    : "none";
  const inputBits = 64 - tableSize(field(tcr, at.TSZ, 0x3f), granule, isDs, features);
  const stride = granule - 3;
  const startLevel = 4 - Math.ceil((inputBits - granule) / stride);
  const asked = Math.min(addressBits[field(tcr, IPS, 7)]!, features.physicalBits);
  const outputBits = upperBits === "none" ? Math.min(asked, 48) : asked;
  const tableBits = inputBits - granule - stride * (3 - startLevel) + 3;
  const ignoresTopByte = bit(tcr, at.TBI);
  return {
    isDisabled: bit(tcr, at.EPD),
    inputBits,
    granule,
    startLevel,
    table: tableAddress(ttbr, tableBits, upperBits !== "none" && outputBits === mostAddressBits),
    outputBits,
    upperBits,
    ignoresTopByte,
    ignoresTopByteOfCode: ignoresTopByte && !bit(tcr, at.TBID),
    refusesEl0: features.hasE0pd && bit(tcr, at.E0PD),
    ignoresTableAttributes: features.hasHpds && bit(tcr, at.HPD),
    shareability: field(tcr, at.SH, 3),
  };
}

/** A granule that is reserved or not there counts as the smallest that is. */
function granuleOf(tg: number, which: 0 | 1, { granules }: MmuFeatures): number {
  const asked = (which ? granulesOfTg1 : granulesOfTg0)[tg];
  if (asked && granules[asked]!.isThere) return asked;
  return [12, 16, 14].find((one) => granules[one]!.isThere)!;
}

/** TnSZ; out of range it counts as the nearest in range. */
function tableSize(tsz: number, granule: number, isDs: boolean, features: MmuFeatures): number {
  const most = features.hasSmallTables ? (granule === 16 ? 47 : 48) : 39;
  const least = isDs || granule === 16 && features.hasLva ? 12 : 16;
  return Math.min(most, Math.max(least, tsz));
}

/** TTBRn_EL1.BADDR, of which the bits below the table's size count as zero. */
function tableAddress(ttbr: bigint, tableBits: number, isLarge: boolean): number {
  const low = BigInt(Math.max(tableBits, isLarge ? 6 : 1));
  const address = Number((ttbr & 0xffff_ffff_ffffn) >> low << low);
  return isLarge ? address + field(ttbr, 2n, 0xf) * 2 ** 48 : address;
}

/** The address that a branch to `address` goes to, its tag replaced where it has one. */
export function branchAddress(cpu: Cpu, address: bigint): bigint {
  const isHigh = (address >> 55n & 1n) === 1n;
  if (!regimeOf(cpu).halves[isHigh ? 1 : 0].ignoresTopByteOfCode) return address;
  return BigInt.asUintN(64, BigInt.asIntN(56, address));
}
