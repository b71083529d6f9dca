// Plain loads and stores at a place in the shared memory that has been translated already (WebAssembly Core
// Specification, "Memory Instructions").

import type { AccessBytes } from "../target.ts";
import { type I64, low32 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { isSigned, type Transfer } from "./load_store_transfer.ts";
import { signExtended } from "./narrow_values.ts";

const loads: Record<AccessBytes, number> = { 1: 0x31, 2: 0x33, 4: 0x35, 8: 0x29 };
const stores: Record<AccessBytes, number> = { 1: 0x3c, 2: 0x3d, 4: 0x3e, 8: 0x37 };

/** What the load writes to its register. */
export function loadPlaced(transfer: Transfer, place: I64): I64 {
  const bytes = transfer.bytes as AccessBytes;
  const value: I64 = (c) => {
    place(c);
    c.access([loads[bytes]], 0, 0);
  };
  if (!isSigned(transfer)) return value;
  const extended = signExtended(bytes, value);
  return transfer.register === "w" ? low32(extended) : extended;
}

export const storePlaced = (bytes: AccessBytes, place: I64, value: I64): Statement => (c) => {
  place(c);
  value(c);
  c.access([stores[bytes]], 0, 0);
};
