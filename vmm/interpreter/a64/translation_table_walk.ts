// The walk of the stage 1 translation tables (Arm DDI 0487, "Translation table walk properties", "VMSAv8-64
// translation table format descriptors"). It runs whenever the TLB misses: numbers only, descriptors in
// halves of 32 bits.

import type { Half, Regime } from "./mmu_regime.ts";
import type { PhysicalMemory } from "./physical_memory.ts";

/** What a walk found. One object serves many walks. */
export class Walked {
  /** Of the byte that was asked for. */
  physical = 0;
  level = 0;
  /** log2 of the bytes that the descriptor maps. */
  mappedBits = 0;
  /** The last descriptor, and where it lies in the shared memory. */
  low = 0;
  high = 0;
  descriptorAt = 0;
  /** What the tables on the way forbid. */
  tablesForbidEl0 = false;
  tablesForbidWrites = false;
  tablesForbidEl0Execution = false;
  tablesForbidEl1Execution = false;
}

/** The fault status code's upper bits; ISS.DFSC and IFSC are these with a level. */
export const faultStatus = {
  addressSize: 0b000000,
  translation: 0b000100,
  accessFlag: 0b001000,
  permission: 0b001100,
  externalOnWalk: 0b010100,
  /** Without a level: */
  external: 0b010000,
  alignment: 0b100001,
} as const;
export const noFault = -1;

/** Of level -1, which only a first table of FEAT_LPA2 has. */
const levelBelowZero: Readonly<Record<number, number>> = {
  [faultStatus.addressSize]: 0b101001,
  [faultStatus.translation]: 0b101011,
  [faultStatus.externalOnWalk]: 0b010011,
};

export const faultAt = (kind: number, level: number): number =>
  level < 0 ? levelBelowZero[kind]! : kind | level;

const two32 = 2 ** 32, two48 = 2 ** 48, two50 = 2 ** 50;
const powers = Array.from({ length: 64 }, (_, n) => 2 ** n);
const lastLevel = 3;
const isValid = 1, isTableOrPage = 2;
const AF = 1 << 10;
/** In the upper half of a table's descriptor: NSTable is bit 31. */
const APTable1 = 1 << 30, APTable0 = 1 << 29, XNTable = 1 << 28, PXNTable = 1 << 27;

/** @param input the address's `inputBits` lower bits. Answers a fault status code or `noFault`. */
export function walk(
  memory: PhysicalMemory,
  regime: Regime,
  half: Half,
  input: number,
  found: Walked,
): number {
  const { granule } = half;
  const stride = granule - 3;
  const limit = powers[half.outputBits]!;
  let table = half.table;
  if (table >= limit) return faultAt(faultStatus.addressSize, 0);
  clear(found);
  for (let level = half.startLevel;; level++) {
    const shift = granule + (lastLevel - level) * stride;
    const index = Math.floor(input / powers[shift]!) & powers[stride]! - 1;
    const at = memory.offsetOf(table + 8 * index);
    if (at < 0) return faultAt(faultStatus.externalOnWalk, level);
    readDescriptor(memory, at, found);
    found.level = level;
    if (!(found.low & isValid)) return faultAt(faultStatus.translation, level);
    const isTable = level < lastLevel && (found.low & isTableOrPage) !== 0;
    if (!isTable && !mayBeLeaf(found.low, level, half)) return faultAt(faultStatus.translation, level);
    const address = addressIn(found.low, found.high, half);
    if (address >= limit) return faultAt(faultStatus.addressSize, level);
    if (!isTable) return finish(memory, regime, input, shift, address, found);
    if (!half.ignoresTableAttributes) addTableAttributes(found);
    table = address;
  }
}

function clear(found: Walked) {
  found.tablesForbidEl0 = false;
  found.tablesForbidWrites = false;
  found.tablesForbidEl0Execution = false;
  found.tablesForbidEl1Execution = false;
}

/** A descriptor that another vcpu writes meanwhile is read whole: before, or after. */
function readDescriptor({ view }: PhysicalMemory, at: number, found: Walked) {
  let low: number;
  do {
    low = view.getUint32(at, true);
    found.high = view.getUint32(at + 4, true);
    found.low = view.getUint32(at, true);
  } while (low !== found.low);
  found.descriptorAt = at;
}

/** Blocks are where the manual has them; the others' encodings are reserved and fault like invalid ones. */
function mayBeLeaf(low: number, level: number, { granule, upperBits }: Half): boolean {
  const isPage = (low & isTableOrPage) !== 0;
  if (level === lastLevel) return isPage;
  if (granule === 12) return level >= (upperBits === "DS" ? 0 : 1);
  if (granule === 14) return level >= (upperBits === "DS" ? 1 : 2);
  return level >= (upperBits === "64k" ? 1 : 2);
}

/** The address in a descriptor: from the granule's size up; a block's lower bits are dropped later. */
function addressIn(low: number, high: number, { granule, upperBits }: Half): number {
  const address = (high & 0xffff) * two32 + (low >>> granule) * powers[granule]!;
  if (upperBits === "none") return address;
  if (upperBits === "64k") return address + (low >>> 12 & 0xf) * two48;
  return address + (high >>> 16 & 3) * two48 + (low >>> 8 & 3) * two50;
}

function addTableAttributes(found: Walked) {
  const { high } = found;
  if (high & APTable1) found.tablesForbidWrites = true;
  if (high & APTable0) found.tablesForbidEl0 = true;
  if (high & XNTable) found.tablesForbidEl0Execution = true;
  if (high & PXNTable) found.tablesForbidEl1Execution = true;
}

function finish(
  memory: PhysicalMemory,
  regime: Regime,
  input: number,
  shift: number,
  address: number,
  found: Walked,
): number {
  const size = powers[shift]!;
  found.mappedBits = shift;
  found.physical = Math.floor(address / size) * size + (input - Math.floor(input / size) * size);
  if (found.low & AF) return noFault;
  if (!regime.setsAccessFlag) return faultAt(faultStatus.accessFlag, found.level);
  updateDescriptor(memory, found, found.low | AF);
  return noFault;
}

/** Writes the descriptor's lower half unless it changed meanwhile; then the next access walks again. */
export function updateDescriptor(memory: PhysicalMemory, found: Walked, low: number) {
  const word = new Int32Array(memory.buffer, found.descriptorAt, 1);
  Atomics.compareExchange(word, 0, found.low | 0, low | 0);
  found.low = low >>> 0;
  memory.noteWalkerWrite(found.descriptorAt);
}
