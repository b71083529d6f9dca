// The names that a guest's image gives its addresses (System V ABI, "Sections", "Symbol Table"; ELF-64).

import { dataView } from "./data_view.ts";
import { isElf } from "./elf64.ts";

export interface NamedAddress {
  readonly name: string;
  readonly address: bigint;
  /** Bytes; 0 where the image does not say. */
  readonly size: bigint;
}

const SHT_SYMTAB = 2;
const STT_NOTYPE = 0, STT_FUNC = 2;
const sectionHeaderSize = 64, symbolSize = 24;
/** Symbols that mark code and data within functions (Arm IHI 0056, "Mapping symbols"), and local labels. */
const isMark = (name: string) => name === "" || /^(\$[dx]|\.L)/.test(name);
/** How far a name without a size reaches. */
const reach = 0x1_0000n;

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

/** Those of functions and labels, in ascending order; none for an image without any, or whose tables are damaged. */
export function symbolsOf(image: Uint8Array): NamedAddress[] {
  if (!isElf(image) || image.length < sectionHeaderSize) return [];
  const file = dataView(image);
  const sections = sectionsOf(file);
  const table = sections.find(({ type }) => type === SHT_SYMTAB);
  const names = table && sections[table.link];
  if (!table || !names) return [];
  const symbols = Array.from({ length: Math.floor(table.size / symbolSize) }, (_, n) => {
    return symbolAt(image, file, table.offset + symbolSize * n, names);
  });
  return symbols
    .filter((symbol) => symbol !== undefined)
    .sort((a, b) => a.address < b.address ? -1 : a.address > b.address ? 1 : 0);
}

function sectionsOf(file: DataView): Section[] {
  const at = Number(file.getBigUint64(40, true));
  const count = file.getUint16(60, true);
  if (at + count * sectionHeaderSize > file.byteLength) return [];
  return Array.from({ length: count }, (_, n) => {
    const header = at + n * sectionHeaderSize;
    const section = {
      type: file.getUint32(header + 4, true),
      offset: Number(file.getBigUint64(header + 24, true)),
      size: Number(file.getBigUint64(header + 32, true)),
      link: file.getUint32(header + 40, true),
    };
    const isInside = section.offset + section.size <= file.byteLength;
    return isInside ? section : { ...section, offset: 0, size: 0 };
  });
}

function symbolAt(image: Uint8Array, file: DataView, at: number, names: Section): NamedAddress | undefined {
  const type = file.getUint8(at + 4) & 0xf;
  const isDefined = file.getUint16(at + 6, true) !== 0;
  const name = textAt(image, names, file.getUint32(at, true));
  if (!isDefined || type !== STT_FUNC && type !== STT_NOTYPE || isMark(name)) return undefined;
  return { name, address: file.getBigUint64(at + 8, true), size: file.getBigUint64(at + 16, true) };
}

function textAt(image: Uint8Array, { offset, size }: Section, at: number): string {
  const bytes = image.subarray(offset + Math.min(at, size), offset + size);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.subarray(0, end < 0 ? bytes.length : end));
}

/**
 * Names an address as `main+0x10`; undefined where no symbol reaches.
 * @param symbols in ascending order
 */
export function nameAddressBy(symbols: readonly NamedAddress[]): (address: bigint) => string | undefined {
  return (address) => {
    const symbol = symbols[countUpTo(symbols, address) - 1];
    if (!symbol) return undefined;
    const offset = address - symbol.address;
    if (offset >= (symbol.size || reach)) return undefined;
    return offset === 0n ? symbol.name : `${symbol.name}+0x${offset.toString(16)}`;
  };
}

/** How many symbols begin at the address or before it. */
function countUpTo(symbols: readonly NamedAddress[], address: bigint): number {
  let low = 0, high = symbols.length;
  while (low < high) {
    const middle = low + high >>> 1;
    if (symbols[middle]!.address <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}
