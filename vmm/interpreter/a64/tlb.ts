// The translations that the generated code finds by itself (cpu_layout.ts says how they lie), and the vcpu's
// pages of decoded code. Maintenance forgets more than it must: ASIDs are not kept (Arm DDI 0487, "TLB
// maintenance instructions").

import type { Cpu } from "./cpu.ts";
import {
  codeEntries,
  codeEntriesAt,
  codeEntry,
  cpuWord,
  noTag,
  pageBits,
  pageSize,
  tlbAt,
  tlbEntries,
  tlbEntry,
  tlbKinds,
} from "./cpu_layout.ts";
import type { Translation } from "./mmu.ts";
import { isAtEl0, PSTATE } from "./pstate.ts";

export type TlbKind = Exclude<keyof typeof tlbKinds, "count">;

/** Whose permissions count at the current exception level. */
export function currentKind(cpu: Cpu): number {
  if (isAtEl0(cpu)) return tlbKinds.el0;
  return cpu.pstate & PSTATE.PAN ? tlbKinds.el1Pan : tlbKinds.el1;
}

/** Makes the generated code use the current exception level's translations. */
export function selectTlb(cpu: Cpu) {
  cpu.setU64(cpuWord.tlb, BigInt(cpu.base + tlbAt(currentKind(cpu))));
}

/** Pages, by their numbers, among which are all that are parts of larger mappings. */
interface Range {
  from: number;
  to: number;
}

class Tlb {
  readonly words: BigInt64Array;
  readonly entries: BigInt64Array;
  /** The same in halves, for what looks at a bit of each. */
  readonly wordHalves: Int32Array;
  readonly entryHalves: Int32Array;
  /** Whether the upper half has entries that an ASID or TTBR0_EL1 may be part of: with nG set. */
  hasPrivateUpper = false;
  /** In each half of the address space. */
  readonly large: readonly [Range, Range] = [{ from: Infinity, to: -1 }, { from: Infinity, to: -1 }];

  constructor({ memory: { buffer }, base }: Cpu) {
    this.words = new BigInt64Array(buffer, base + tlbAt(0), tlbKinds.count * tlbEntries * wordsOfEntry);
    this.entries = new BigInt64Array(buffer, base + codeEntriesAt, codeEntries * codeEntry.size / 8);
    this.wordHalves = new Int32Array(buffer, this.words.byteOffset, 2 * this.words.length);
    this.entryHalves = new Int32Array(buffer, this.entries.byteOffset, 2 * this.entries.length);
  }
}

const wordsOfEntry = tlbEntry.size / 8;
const readTag = tlbEntry.readTag / 8, writeTag = tlbEntry.writeTag / 8, addend = tlbEntry.addend / 8;
const pageMask = -BigInt(pageSize);
const tlbs = new WeakMap<Cpu, Tlb>();

function tlbOf(cpu: Cpu): Tlb {
  let tlb = tlbs.get(cpu);
  if (!tlb) tlbs.set(cpu, tlb = new Tlb(cpu));
  return tlb;
}

/** Page number of an address, without its top byte, and its half. */
const pageOf = (address: bigint) => Number(BigInt.asUintN(56 - pageBits, address >> BigInt(pageBits)));
const halfOf = (address: bigint) => Number(address >> 55n & 1n);

/**
 * Remembers where a page leads.
 * @param offset of the address's byte in the shared memory
 * @param mayWrite whether stores need not be told of to anybody
 */
export function fillTlb(
  cpu: Cpu,
  kind: number,
  address: bigint,
  translation: Translation,
  offset: number,
  mayWrite: boolean,
) {
  const tlb = tlbOf(cpu);
  const page = pageOf(address);
  const at = (kind * tlbEntries + page % tlbEntries) * wordsOfEntry;
  const tag = BigInt.asIntN(64, address & pageMask);
  tlb.words[at + readTag] = translation.readable ? tag : noTag;
  tlb.words[at + writeTag] = translation.writable && mayWrite ? tag : noTag;
  tlb.words[at + addend] = BigInt(offset) - BigInt.asIntN(64, address);
  rememberMapping(cpu, address, translation);
}

/** Notes a mapping of more than a page, of which maintenance may name any page, and one of an ASID. */
export function rememberMapping(cpu: Cpu, address: bigint, { mappedBits, isGlobal }: Translation) {
  const tlb = tlbOf(cpu);
  const half = halfOf(address);
  if (half === 1 && !isGlobal) tlb.hasPrivateUpper = true;
  if (mappedBits === pageBits) return;
  const large = tlb.large[half]!;
  const page = pageOf(address);
  const pages = 2 ** (mappedBits - pageBits);
  const first = Math.floor(page / pages) * pages;
  large.from = Math.min(large.from, first);
  large.to = Math.max(large.to, first + pages - 1);
}

/** Forgets all translations of this vcpu and the pages of code it found by them. */
export function flushTlb(cpu: Cpu) {
  const tlb = tlbOf(cpu);
  tlb.words.fill(noTag);
  tlb.entries.fill(noTag);
  tlb.hasPrivateUpper = false;
  tlb.large.forEach(empty);
}

function empty(range: Range) {
  range.from = Infinity;
  range.to = -1;
}

/** The bit of a tag's upper half that says which half of the address space it is of: bit 55. */
const isUpper = 1 << 23;
const wordsOfKind = tlbEntries * wordsOfEntry;

/** Forgets what is not global: all of the lower half, and the upper half if it has any such. */
export function flushAddressSpace(cpu: Cpu) {
  const tlb = tlbOf(cpu);
  if (tlb.hasPrivateUpper) return flushTlb(cpu);
  // EL0 seldom has anything else, and it is quicker to forget all of it than to look.
  tlb.words.fill(noTag, tlbKinds.el0 * wordsOfKind, (tlbKinds.el0 + 1) * wordsOfKind);
  const { wordHalves, entryHalves } = tlb;
  for (let at = 2 * wordsOfKind; at < wordHalves.length; at += 2 * wordsOfEntry) {
    if (!(wordHalves[at + 2 * readTag + 1]! & isUpper)) forgetTag(wordHalves, at + 2 * readTag);
    if (!(wordHalves[at + 2 * writeTag + 1]! & isUpper)) forgetTag(wordHalves, at + 2 * writeTag);
  }
  for (let at = codeEntry.tag / 4; at < entryHalves.length; at += codeEntry.size / 4) {
    if (!(entryHalves[at + 1]! & isUpper)) forgetTag(entryHalves, at);
  }
  empty(tlb.large[0]);
}

function forgetTag(halves: Int32Array, at: number) {
  halves[at] = halves[at + 1] = -1;
}

/** Forgets what the `pages` pages from this address on lead to, with whatever tag. */
export function flushTlbPages(cpu: Cpu, address: bigint, pages: number) {
  const tlb = tlbOf(cpu);
  const first = pageOf(address);
  const { from, to } = tlb.large[halfOf(address)]!;
  if (pages >= tlbEntries || first <= to && first + pages > from) return flushTlb(cpu);
  for (let page = first; page < first + pages; page++) flushPage(tlb, page);
}

function flushPage(tlb: Tlb, page: number) {
  flushData(tlb, page);
  tlb.entries[page % codeEntries * (codeEntry.size / 8) + codeEntry.tag / 8] = noTag;
}

/** The next loads and stores in this page are misses. */
export const forgetData = (cpu: Cpu, address: bigint) => flushData(tlbOf(cpu), pageOf(address));

function flushData({ words }: Tlb, page: number) {
  for (let kind = 0; kind < tlbKinds.count; kind++) {
    const at = (kind * tlbEntries + page % tlbEntries) * wordsOfEntry;
    words[at + readTag] = words[at + writeTag] = noTag;
  }
}

/** From here on every first store to a page is a miss: for when pages begin to be watched. */
export function forgetWritable(cpu: Cpu) {
  const { words } = tlbOf(cpu);
  for (let at = writeTag; at < words.length; at += wordsOfEntry) words[at] = noTag;
}

/** Forgets where decoded code lies. */
export function flushCodeEntries(cpu: Cpu) {
  tlbOf(cpu).entries.fill(noTag);
}
