// Reads a flattened device tree. Devicetree Specification v0.4, "Flattened Devicetree (DTB) Format".

import { dataView } from "./data_view.ts";
import {
  type DeviceTree,
  FDT_BEGIN_NODE,
  FDT_END,
  FDT_END_NODE,
  FDT_MAGIC,
  FDT_NOP,
  FDT_PROP,
  HEADER_SIZE,
  OLDEST_VERSION,
  RESERVATION_SIZE,
  type TreeNode,
  VERSION,
} from "./flattened_tree.ts";
import { GuestImageError } from "./guest_error.ts";

// The specification allows 31 characters; Linux's own trees exceed that a little.
const LONGEST_NAME = 255;
// As deep as Linux unflattens.
const DEEPEST = 64;

/** Throws GuestImageError for anything that is not a well-formed tree. Copies what it keeps. */
export function readFlattenedTree(blob: Uint8Array): DeviceTree {
  const header = readHeader(blob);
  const tree = blob.subarray(0, header.totalSize);
  const structure = block(tree, header.structureAt, header.structureSize);
  const strings = block(tree, header.stringsAt, header.stringsSize);
  return {
    root: new StructureReader(structure, strings).root(),
    reservations: readReservations(block(tree, header.reservationsAt)),
    bootCpu: header.bootCpu,
  };
}

interface Header {
  readonly totalSize: number;
  readonly structureAt: number;
  readonly structureSize: number;
  readonly stringsAt: number;
  readonly stringsSize: number;
  readonly reservationsAt: number;
  readonly bootCpu: number;
}

function readHeader(blob: Uint8Array): Header {
  const view = dataView(blob);
  if (blob.length < 4 || view.getUint32(0) !== FDT_MAGIC) {
    throw new GuestImageError(
      "the device tree is not a flattened device tree; compile its source with dtc -O dtb",
    );
  }
  const totalSize = blob.length < HEADER_SIZE ? HEADER_SIZE : view.getUint32(4);
  if (totalSize > blob.length) {
    throw new GuestImageError(
      `the device tree of ${totalSize} bytes is cut short to ${blob.length}; give the whole file`,
    );
  }
  const [version, compatible] = [view.getUint32(20), view.getUint32(24)];
  if (version < OLDEST_VERSION || compatible > VERSION) {
    throw new GuestImageError(
      `the device tree is of version ${version}; versions ${OLDEST_VERSION} and ${VERSION} are read`,
    );
  }
  const structureAt = view.getUint32(8);
  return {
    totalSize,
    structureAt,
    structureSize: version >= 17 ? view.getUint32(36) : totalSize - structureAt,
    stringsAt: view.getUint32(12),
    stringsSize: view.getUint32(32),
    reservationsAt: view.getUint32(16),
    bootCpu: view.getUint32(28),
  };
}

function block(tree: Uint8Array, at: number, size = tree.length - at): Uint8Array {
  if (size < 0 || at + size > tree.length) throw damaged(`a block of ${size} bytes at ${at} lies outside it`);
  return tree.subarray(at, at + size);
}

function readReservations(bytes: Uint8Array): [bigint, bigint][] {
  const view = dataView(bytes);
  const reservations: [bigint, bigint][] = [];
  for (let at = 0; at + RESERVATION_SIZE <= bytes.length; at += RESERVATION_SIZE) {
    const [address, size] = [view.getBigUint64(at), view.getBigUint64(at + 8)];
    if (address === 0n && size === 0n) return reservations;
    reservations.push([address, size]);
  }
  throw damaged("its memory reservations do not end");
}

class StructureReader {
  readonly #view: DataView;
  #at = 0;

  constructor(readonly structure: Uint8Array, readonly strings: Uint8Array) {
    this.#view = dataView(structure);
  }

  root(): TreeNode {
    const open: TreeNode[] = [];
    for (let token = this.#token();; token = this.#token()) {
      const node = open.at(-1);
      if (token === FDT_BEGIN_NODE) {
        const child: TreeNode = { name: this.#nodeName(), properties: new Map(), children: [] };
        node?.children.push(child);
        if (open.push(child) > DEEPEST) throw damaged(`its nodes nest deeper than ${DEEPEST}`);
      } else if (node === undefined) {
        throw damaged("its structure has something other than one root node");
      } else if (token === FDT_PROP) {
        if (node.children.length > 0) throw damaged("a property follows a child node");
        const [name, value] = this.#property();
        node.properties.set(name, value);
      } else if (token === FDT_END_NODE) {
        open.pop();
        if (open.length === 0) return this.#finished(node);
      } else {
        throw damaged(`its structure has token ${token} at offset ${this.#at - 4}`);
      }
    }
  }

  #finished(root: TreeNode): TreeNode {
    if (this.#token() !== FDT_END) throw damaged("its structure goes on after the root node");
    return root;
  }

  #token(): number {
    let token = this.#u32();
    while (token === FDT_NOP) token = this.#u32();
    return token;
  }

  #u32(): number {
    if (this.#at + 4 > this.structure.length) throw damaged("its structure does not end");
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  #nodeName(): string {
    const name = nameAt(this.structure, this.#at);
    this.#at += Math.ceil((name.length + 1) / 4) * 4;
    return name;
  }

  #property(): [string, Uint8Array] {
    const length = this.#u32();
    const name = nameAt(this.strings, this.#u32());
    const start = this.#at;
    if (start + length > this.structure.length) throw damaged(`property ${name} runs past its end`);
    this.#at += Math.ceil(length / 4) * 4;
    return [name, this.structure.slice(start, start + length)];
  }
}

function nameAt(bytes: Uint8Array, at: number): string {
  const name = bytes.subarray(at, at + LONGEST_NAME + 1);
  const length = name.indexOf(0);
  const text = String.fromCharCode(...name.subarray(0, Math.max(length, 0)));
  if (length < 0 || /[^!-~]/.test(text)) throw damaged(`it has no proper name at offset ${at} of a block`);
  return text;
}

function damaged(how: string): GuestImageError {
  return new GuestImageError(`the device tree is damaged: ${how}; make it anew with dtc`);
}
