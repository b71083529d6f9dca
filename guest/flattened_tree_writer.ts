// Writes a flattened device tree. Devicetree Specification v0.4, "Flattened Devicetree (DTB) Format".

import { dataView } from "./data_view.ts";
import {
  type DeviceTree,
  FDT_BEGIN_NODE,
  FDT_END,
  FDT_END_NODE,
  FDT_MAGIC,
  FDT_PROP,
  HEADER_SIZE,
  OLDEST_VERSION,
  RESERVATION_SIZE,
  type TreeNode,
  VERSION,
} from "./flattened_tree.ts";

export function writeFlattenedTree(tree: DeviceTree): Uint8Array<ArrayBuffer> {
  const strings = new Strings();
  const structure = new AlignedBlob();
  writeNode(tree.root, structure, strings);
  structure.u32(FDT_END);

  const structureAt = HEADER_SIZE + (tree.reservations.length + 1) * RESERVATION_SIZE;
  const stringsAt = structureAt + structure.size;
  const blob = new AlignedBlob();
  const sizesAndOffsets = [stringsAt + strings.size, structureAt, stringsAt, HEADER_SIZE];
  const versions = [VERSION, OLDEST_VERSION];
  const rest = [tree.bootCpu, strings.size, structure.size];
  for (const word of [FDT_MAGIC, ...sizesAndOffsets, ...versions, ...rest]) blob.u32(word);
  for (const [address, size] of [...tree.reservations, [0n, 0n] as const]) {
    for (const value of [address, size]) {
      blob.u32(Number(value >> 32n));
      blob.u32(Number(value & 0xffff_ffffn));
    }
  }
  blob.bytes(structure.written());
  blob.bytes(strings.written());
  return blob.written().slice(0, stringsAt + strings.size);
}

function writeNode(node: TreeNode, structure: AlignedBlob, strings: Strings): void {
  structure.u32(FDT_BEGIN_NODE);
  structure.bytes(new TextEncoder().encode(node.name + "\0"));
  for (const [name, value] of node.properties) {
    structure.u32(FDT_PROP);
    structure.u32(value.length);
    structure.u32(strings.offsetOf(name));
    structure.bytes(value);
  }
  for (const child of node.children) writeNode(child, structure, strings);
  structure.u32(FDT_END_NODE);
}

/** Grows as it is written; every item starts on a 4-byte boundary. */
class AlignedBlob {
  #buffer = new Uint8Array(4096);
  size = 0;

  u32(value: number): void {
    const at = this.#advance(4);
    dataView(this.#buffer).setUint32(at, value);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#advance(bytes.length);
    this.#buffer.set(bytes, at);
  }

  written(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.size);
  }

  #advance(length: number): number {
    const at = this.size;
    this.size += Math.ceil(length / 4) * 4;
    if (this.size > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(this.size, this.#buffer.length * 2));
      grown.set(this.#buffer);
      this.#buffer = grown;
    }
    return at;
  }
}

/** The strings block: each property name once. */
class Strings {
  readonly #offsets = new Map<string, number>();
  size = 0;

  offsetOf(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.size;
    this.#offsets.set(name, offset);
    this.size += name.length + 1;
    return offset;
  }

  written(): Uint8Array<ArrayBuffer> {
    return new TextEncoder().encode([...this.#offsets.keys()].map((name) => name + "\0").join(""));
  }
}
