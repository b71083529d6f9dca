// Device trees described as nested plain objects. Devicetree Specification v0.4, "The Devicetree" (property
// values) and "Device Node Requirements" (/chosen); Linux adds linux,initrd-start and -end to /chosen.
//
// The description reads like device tree source:
//
//   { "#address-cells": 2, "gic: interrupt-controller@8000000": { reg: u64(0x8000000, 0x10000) },
//     "timer": { "interrupt-parent": ref("gic"), "always-on": true } }

import type { TreeNode } from "./flattened_tree.ts";
import { readFlattenedTree } from "./flattened_tree_reader.ts";
import { writeFlattenedTree } from "./flattened_tree_writer.ts";
import { GuestImageError } from "./guest_error.ts";

/** Stands for the phandle of the node with that label. */
export class Reference {
  constructor(readonly label: string) {}
}

/** `true` is an empty property; numbers are 32-bit cells; an undefined one is left out. */
export type PropertyValue =
  | true
  | string
  | readonly string[]
  | number
  | Reference
  | readonly (number | Reference)[]
  | Uint8Array;

/** Properties, and children: a child's key is its name, after an optional "label: ". */
export interface NodeDescription {
  readonly [name: string]: PropertyValue | NodeDescription | undefined;
}

export function ref(label: string): Reference {
  return new Reference(label);
}

/** Each value as two cells, high word first. */
export function u64(...values: readonly (number | bigint)[]): number[] {
  return values.map(BigInt).flatMap((value) => [Number(value >> 32n), Number(value & 0xffff_ffffn)]);
}

/** The blob of a description's tree. Throws a plain Error for an unknown or repeated label. */
export function buildDeviceTree(description: NodeDescription): Uint8Array<ArrayBuffer> {
  const phandles = assignPhandles(description);
  return writeFlattenedTree({ root: treeNode("", description, phandles), reservations: [], bootCpu: 0 });
}

/** What the monitor tells a kernel in /chosen. An initrd's `end` is exclusive. */
export interface Chosen {
  readonly bootargs?: string | undefined;
  readonly initrd?: { readonly start: number; readonly end: number } | undefined;
}

/**
 * The same tree with `chosen` in it. Without bootargs the tree's own stay; without an initrd the tree's own
 * goes, because nothing will be at its address. Throws GuestImageError for a malformed blob.
 */
export function withChosen(blob: Uint8Array, { bootargs, initrd }: Chosen): Uint8Array<ArrayBuffer> {
  const tree = readFlattenedTree(blob);
  const { properties } = chosenNode(tree.root);
  if (bootargs !== undefined) properties.set("bootargs", encode(bootargs, new Map()));
  for (const [name, address] of [["start", initrd?.start], ["end", initrd?.end]] as const) {
    if (address === undefined) properties.delete(`linux,initrd-${name}`);
    else properties.set(`linux,initrd-${name}`, encode(u64(address), new Map()));
  }
  return writeFlattenedTree(tree);
}

function chosenNode(root: TreeNode): TreeNode {
  const existing = root.children.find(({ name }) => name === "chosen");
  if (existing !== undefined) return existing;
  const added: TreeNode = { name: "chosen", properties: new Map(), children: [] };
  root.children.push(added);
  return added;
}

type Phandles = ReadonlyMap<string, number>;

/** Numbers the labels that something refers to, in the order they are declared. */
function assignPhandles(description: NodeDescription): Phandles {
  const declared: string[] = [];
  const wanted = new Set<string>();
  collectLabels(description, declared, wanted);
  const repeated = declared.find((label, n) => declared.indexOf(label) !== n);
  if (repeated !== undefined) throw new Error(`two nodes of the device tree are labelled ${repeated}`);
  return new Map(declared.filter((label) => wanted.has(label)).map((label, n) => [label, n + 1]));
}

function collectLabels(description: NodeDescription, declared: string[], wanted: Set<string>): void {
  for (const [key, value] of Object.entries(description)) {
    if (isNode(value)) {
      const { label } = splitKey(key);
      if (label !== undefined) declared.push(label);
      collectLabels(value, declared, wanted);
    } else {
      for (const cell of [value].flat()) if (cell instanceof Reference) wanted.add(cell.label);
    }
  }
}

function treeNode(key: string, description: NodeDescription, phandles: Phandles): TreeNode {
  const { label, name } = splitKey(key);
  const node: TreeNode = { name, properties: new Map(), children: [] };
  for (const [key, value] of Object.entries(description)) {
    if (isNode(value)) node.children.push(treeNode(key, value, phandles));
    else if (value !== undefined) node.properties.set(key, encode(value, phandles));
  }
  const phandle = label === undefined ? undefined : phandles.get(label);
  if (phandle !== undefined) node.properties.set("phandle", encode(phandle, phandles));
  return node;
}

function splitKey(key: string): { label?: string; name: string } {
  const [before, after] = key.split(": ");
  return before === undefined || after === undefined ? { name: key } : { label: before, name: after };
}

function isNode(value: PropertyValue | NodeDescription | undefined): value is NodeDescription {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array) &&
    !(value instanceof Reference);
}

function encode(value: PropertyValue, phandles: Phandles): Uint8Array {
  if (value === true) return new Uint8Array();
  if (value instanceof Uint8Array) return value;
  const items: readonly (string | number | Reference)[] = Array.isArray(value) ? value : [value];
  const encoded = items.map((item) =>
    typeof item === "string" ? encodeString(item) : encodeCell(item, phandles)
  );
  return new Uint8Array(encoded.flatMap((bytes) => [...bytes]));
}

function encodeString(text: string): Uint8Array {
  if (text.includes("\0")) {
    throw new GuestImageError(
      `the device tree cannot hold ${JSON.stringify(text)}; leave out its NUL character`,
    );
  }
  return new TextEncoder().encode(text + "\0");
}

function encodeCell(cell: number | Reference, phandles: Phandles): Uint8Array {
  const value = cell instanceof Reference ? phandles.get(cell.label) : cell;
  if (value === undefined || value !== value >>> 0) {
    throw new Error(`the device tree has no 32-bit cell for ${JSON.stringify(cell)}`);
  }
  return new Uint8Array([value >>> 24, value >>> 16, value >>> 8, value]);
}
