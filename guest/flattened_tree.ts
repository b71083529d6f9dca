// A device tree as its binary form has it.
// Devicetree Specification v0.4, "Flattened Devicetree (DTB) Format".

/** One node; property values are their raw bytes. Order is kept. */
export interface TreeNode {
  /** With unit address, "pl011@9000000"; empty for the root. */
  readonly name: string;
  readonly properties: Map<string, Uint8Array>;
  readonly children: TreeNode[];
}

/** `reservations` are the (address, size) pairs of memory that the guest must leave alone. */
export interface DeviceTree {
  readonly root: TreeNode;
  readonly reservations: readonly (readonly [bigint, bigint])[];
  /** The boot CPU's `reg`. */
  readonly bootCpu: number;
}

export const FDT_MAGIC = 0xd00d_feed;
export const HEADER_SIZE = 40;
export const VERSION = 17;
export const OLDEST_VERSION = 16;
export const RESERVATION_SIZE = 16;

export const FDT_BEGIN_NODE = 1;
export const FDT_END_NODE = 2;
export const FDT_PROP = 3;
export const FDT_NOP = 4;
export const FDT_END = 9;
