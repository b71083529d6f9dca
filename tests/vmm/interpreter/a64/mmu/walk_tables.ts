// Random translation tables: every granule and size of a half, a last descriptor at every level, with the
// attributes and the defects that descriptors can have (Arm DDI 0487, "VMSAv8-64 translation table format
// descriptors"). There are no faults at level -1: QEMU 7.2 ends itself there.

import type { Random } from "../../../../devices/random.ts";

export interface Poke {
  readonly physical: bigint;
  readonly value: bigint;
}

const defects = [
  "none",
  "invalid",
  "reserved block",
  "table outside memory",
  "address too large",
  "first table too large",
  "no access flag",
] as const;
export type Defect = typeof defects[number];

/** Memory whose every page has its address in it, and where the tables are: each in 64 KiB of its own. */
export const window = { base: 0x4200_0000n, pages: 2048 } as const;
export const tables = 0x4300_0000n;
const tableStride = 0x1_0000n;

const granules = [
  { bits: 12, TG0: 0n, TG1: 2n, leaves: [1, 2, 3], leavesWithDs: [0, 1, 2, 3] },
  { bits: 14, TG0: 2n, TG1: 1n, leaves: [2, 3], leavesWithDs: [1, 2, 3] },
  { bits: 16, TG0: 1n, TG1: 3n, leaves: [1, 2, 3], leavesWithDs: [1, 2, 3] },
] as const;
export const outputBits = [32, 36, 40, 42, 44, 48, 52];

const AF = 1n << 10n;

export const ones = (bits: number) => (1n << BigInt(bits)) - 1n;

export class Draw {
  constructor(readonly random: Random) {}

  chance(percent: number): boolean {
    return this.random.below(100) < percent;
  }

  wide(): bigint {
    return BigInt(this.random.word()) << 32n | BigInt(this.random.word());
  }

  /** Each of the bits with that probability. */
  bits(places: readonly number[], percent: number): bigint {
    return places.reduce((all, place) => this.chance(percent) ? all | 1n << BigInt(place) : all, 0n);
  }
}

export interface Shape {
  readonly isUpper: boolean;
  readonly granule: typeof granules[number];
  readonly inputBits: number;
  readonly isDs: boolean;
  readonly ips: number;
  readonly startLevel: number;
  readonly lastLevel: number;
  readonly defect: Defect;
  readonly defectLevel: number;
}

export function shapeOf(draw: Draw, isUpper: boolean): Shape {
  const { random } = draw;
  const granule = random.of(granules);
  const isDs = draw.chance(30);
  const isLarge = isDs || granule.bits === 16;
  const least = granule.bits === 16 ? 17 : 16, most = isLarge ? 52 : 48;
  const inputBits = random.of([most, 48, 39, 42, least + random.below(most - least + 1)]);
  const startLevel = 4 - Math.ceil((inputBits - granule.bits) / (granule.bits - 3));
  const defect = draw.chance(60) ? "none" : random.of(defects);
  const allowed: readonly number[] = isDs ? granule.leavesWithDs : granule.leaves;
  const reserved = [0, 1, 2].filter((level) => !allowed.includes(level) && level >= startLevel);
  const isReserved = defect === "reserved block" && reserved.length > 0;
  const lastLevel = random.of(isReserved ? reserved : allowed.filter((level) => level >= startLevel));
  const firstDefect = Math.max(0, startLevel);
  const defectLevel = firstDefect + random.below(lastLevel - firstDefect + 1);
  const ips = random.of([0, 1, 2, 3, 4, 5, 6, 6]);
  return { isUpper, granule, inputBits, isDs, ips, startLevel, lastLevel, defect, defectLevel };
}

export const shiftAt = ({ granule: { bits } }: Shape, level: number) =>
  BigInt(bits + (3 - level) * (bits - 3));

/** An output address as a descriptor has it. */
function addressField({ granule, isDs }: Shape, address: bigint): bigint {
  const low = address & ones(48) & ~ones(granule.bits);
  if (granule.bits === 16) return low | address >> 48n << 12n;
  return isDs ? low | (address >> 48n & 3n) << 48n | address >> 50n << 8n : low;
}

/** What has a bit beyond TCR_EL1.IPS, if a descriptor can have one. */
function tooLarge(draw: Draw, shape: Shape): bigint {
  const most = shape.granule.bits === 16 || shape.isDs ? 52 : 48;
  const least = outputBits[shape.ips]!;
  return least >= most ? 0n : 1n << BigInt(least + draw.random.below(most - least));
}

function tableDescriptor(draw: Draw, shape: Shape, level: number, next: bigint): bigint {
  const isWrong = level === shape.defectLevel;
  const attributes = draw.bits([59, 60, 61, 62, 63], 12) | draw.bits([2, 3, 4, 5, 6, 7, 10, 11, 52, 53], 30);
  if (isWrong && shape.defect === "invalid") return draw.wide() & ~1n;
  const outside = isWrong && shape.defect === "table outside memory";
  const beyond = isWrong && shape.defect === "address too large" ? tooLarge(draw, shape) : 0n;
  const address = outside ? draw.random.of([0x8000_0000n, 0xf000_0000n]) : next | beyond;
  return attributes | addressField(shape, address) | 3n;
}

function lastDescriptor(draw: Draw, shape: Shape, base: bigint): bigint {
  const isWrong = shape.lastLevel === shape.defectLevel;
  const index = draw.random.of([0n, 0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]) << 2n;
  const rights = draw.bits([6, 7], 50) | draw.bits([53, 54], 25) | draw.bits([51], 30);
  const SH = shape.isDs && shape.granule.bits !== 16 ? 0n : BigInt(draw.random.below(4)) << 8n;
  const attributes = index | rights | SH | draw.bits([11, 50, 52], 30) | draw.bits([5], 20) |
    draw.bits([55, 56, 57, 58], 10);
  const kind = shape.lastLevel === 3 ? 3n : 1n;
  if (isWrong && shape.defect === "invalid") return draw.wide() & ~1n;
  const reserved = shape.defect === "reserved block" && shape.lastLevel === 3 ? 1n : kind;
  const beyond = isWrong && shape.defect === "address too large" ? tooLarge(draw, shape) : 0n;
  const access = shape.defect === "no access flag" || draw.chance(10) ? 0n : AF;
  return attributes | access | addressField(shape, base | beyond) | reserved;
}

export function descriptorsOf(draw: Draw, shape: Shape, address: bigint, base: bigint): Poke[] {
  const made: Poke[] = [];
  for (let level = shape.startLevel; level <= shape.lastLevel; level++) {
    const shift = shiftAt(shape, level);
    const bits = level === shape.startLevel
      ? BigInt(shape.inputBits) - shift
      : BigInt(shape.granule.bits - 3);
    const table = tables + BigInt(level - shape.startLevel) * tableStride;
    const value = level === shape.lastLevel
      ? lastDescriptor(draw, shape, base)
      : tableDescriptor(draw, shape, level, table + tableStride);
    made.push({ physical: table + 8n * (address >> shift & ones(Number(bits))), value });
  }
  return made;
}

/** TCR_EL1 but for the other half's fields. */
export function tcrOf(draw: Draw, { isUpper, granule, inputBits, isDs, ips }: Shape): bigint {
  const half = isUpper ? 1n : 0n;
  const size = BigInt(64 - inputBits) << 16n * half;
  const TG = isUpper ? granule.TG1 << 30n : granule.TG0 << 14n;
  const flags = draw.bits([37, 51, 41], 40) << half | draw.bits([55], 15) << half;
  const EPD = draw.bits([7], 4) << 16n * half;
  const SH = BigInt(draw.random.below(4)) << 12n << 16n * half;
  return size | TG | flags | EPD | SH | draw.bits([39], 50) | draw.bits([40], 50) | BigInt(ips) << 32n |
    (isDs ? 1n << 59n : 0n);
}
