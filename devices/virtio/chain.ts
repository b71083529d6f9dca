// A descriptor chain: the buffers of one request (VIRTIO 1.2, "The Virtqueue Descriptor Table" and
// "Indirect Descriptors").

import type { GuestMemory } from "../guest_memory.ts";

export interface Chain {
  /** Index of its first descriptor, by which the driver knows it. */
  readonly head: number;
  /** What the driver wrote for the device, in order; views of guest memory. */
  readonly readable: Uint8Array[];
  /** What the device may write, in order; views of guest memory. */
  readonly writable: Uint8Array[];
}

export interface ChainRules {
  /** Whether VIRTIO_F_INDIRECT_DESC was negotiated. */
  readonly indirect: boolean;
  /** Most descriptors in a chain. */
  readonly limit: number;
}

const DESCRIPTOR_SIZE = 16;
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;
/** Most bytes in a chain: a used element counts them in 32 bits. */
const MOST_BYTES = 2 ** 32 - 1;

/** The chain that starts at `head` of the descriptor table, or a sentence about what is wrong with it. */
export function readChain(
  memory: GuestMemory,
  table: DataView,
  head: number,
  rules: ChainRules,
): Chain | string {
  const chain: Chain = { head, readable: [], writable: [] };
  let descriptors = table;
  let index = head;
  let bytes = 0;
  for (let left = rules.limit; left > 0;) {
    const at = index * DESCRIPTOR_SIZE;
    if (at >= descriptors.byteLength) return `descriptor ${index} is outside its table`;
    const flags = descriptors.getUint16(at + 12, true);
    if (flags & INDIRECT) {
      const inner = indirectTable(memory, descriptors, at, flags, rules, descriptors !== table);
      if (typeof inner === "string") return inner;
      descriptors = inner;
      index = 0;
      continue;
    }
    left--;
    bytes += descriptors.getUint32(at + 8, true);
    const problem = addBuffer(chain, memory, descriptors, at, flags);
    if (problem !== undefined) return problem;
    if (bytes > MOST_BYTES) return `the chain at ${head} is 4 GiB or longer`;
    if (!(flags & NEXT)) return chain;
    index = descriptors.getUint16(at + 14, true);
  }
  return `the chain at ${head} loops or has more than ${rules.limit} descriptors`;
}

function addBuffer(
  chain: Chain,
  memory: GuestMemory,
  descriptors: DataView,
  at: number,
  flags: number,
): string | undefined {
  const length = descriptors.getUint32(at + 8, true);
  if (length === 0) return undefined;
  const address = readAddress(descriptors, at);
  const buffer = memory.slice(address, length);
  if (buffer === undefined) return `a buffer of ${length} bytes at 0x${address.toString(16)} is outside RAM`;
  if (flags & WRITE) chain.writable.push(buffer);
  else if (chain.writable.length > 0) {
    return `the chain at ${chain.head} has a readable buffer after a writable one`;
  } else chain.readable.push(buffer);
  return undefined;
}

function indirectTable(
  memory: GuestMemory,
  descriptors: DataView,
  at: number,
  flags: number,
  rules: ChainRules,
  nested: boolean,
): DataView | string {
  if (!rules.indirect) return "an indirect descriptor, which was not negotiated";
  if (nested) return "an indirect descriptor inside an indirect table";
  if (flags & NEXT) return "an indirect descriptor that is not the last of its chain";
  const length = descriptors.getUint32(at + 8, true);
  if (length === 0 || length % DESCRIPTOR_SIZE !== 0) {
    return `an indirect table of ${length} bytes, which is no whole number of descriptors`;
  }
  const address = readAddress(descriptors, at);
  const table = memory.slice(address, length);
  if (table === undefined) return `an indirect table at 0x${address.toString(16)} that is outside RAM`;
  return new DataView(table.buffer, table.byteOffset, length);
}

/** le64 as a number: from 2^53 up it is rounded, and still outside any RAM. */
function readAddress(descriptors: DataView, at: number): number {
  return descriptors.getUint32(at + 4, true) * 2 ** 32 + descriptors.getUint32(at, true);
}
