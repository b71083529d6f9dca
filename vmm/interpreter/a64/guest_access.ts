// A guest's loads and stores in generated code: what the TLB has is done in place (cpu_layout.ts says how it lies).

import { pageBits, pageSize, tlbEntries, tlbEntry } from "./cpu_layout.ts";
import { i64Load, loadAt, storeAt } from "./memory_code.ts";
import { add, and, const64, type I32, type I64, shrU } from "./vocabulary.ts";
import type { Code, Statement } from "./wasm/code.ts";

const pageMask = const64(-pageSize);

/** Pushes whether the whole access hits the TLB; `address` and `entry` are locals that it sets. */
export function lookUp(c: Code, tlb: I64, bytes: number, tag: number, address: number, entry: number) {
  const offset = and(
    shrU((code) => code.get(address), const64(pageBits - Math.log2(tlbEntry.size))),
    const64((tlbEntries - 1) * tlbEntry.size),
  );
  add(tlb, offset)(c);
  c.set(entry);
  // An access that crosses into the next page misses: its last byte's page is not the entry's.
  and(add((code) => code.get(address), const64(bytes - 1)), pageMask)(c);
  loadAt(i64Load, (code) => code.get(entry), tag, 3)(c);
  c.op(0x51);
}

/** Whether an access of one byte would be one of memory, for sure, and without a fault: 1, else 0. */
export const isAtHand = (tlb: I64, tag: number, at: I64): I32 => (c) => {
  const address = c.local("i64"), entry = c.local("i64");
  at(c);
  c.set(address);
  lookUp(c, tlb, 1, tag, address, entry);
  c.release("i64", address);
  c.release("i64", entry);
};

/** Of the byte, by the entry that `lookUp` set. */
export const hostAddress = (address: number, entry: number): I64 =>
  add((c) => c.get(address), loadAt(i64Load, (c) => c.get(entry), tlbEntry.addend, 3));

export interface Access {
  readonly opcode: readonly number[];
  /** Of what is loaded or stored on WebAssembly's stack. */
  readonly type: "i64" | "v128";
  readonly bytes: number;
  /** The address of the TLB. */
  readonly tlb: I64;
}

/** @param missed pushes the value, where the TLB does not have it, or does not come back */
export function loadMemory(
  { opcode, type, bytes, tlb }: Access,
  at: I64,
  missed: (c: Code, address: number) => void,
): (c: Code) => void {
  return (c) => {
    const address = c.local("i64"), entry = c.local("i64");
    at(c);
    c.set(address);
    lookUp(c, tlb, bytes, tlbEntry.readTag, address, entry);
    c.if(loadAt(opcode, hostAddress(address, entry)), () => missed(c, address), type);
    c.release("i64", address);
    c.release("i64", entry);
  };
}

export function storeMemory(
  { opcode, type, bytes, tlb }: Access,
  at: I64,
  value: (c: Code) => void,
  missed: (c: Code, address: number, value: number) => void,
): Statement {
  return (c) => {
    const address = c.local("i64"), entry = c.local("i64"), held = c.local(type);
    at(c);
    c.set(address);
    value(c);
    c.set(held);
    lookUp(c, tlb, bytes, tlbEntry.writeTag, address, entry);
    c.if(
      storeAt(opcode, hostAddress(address, entry), (code) => code.get(held)),
      () => missed(c, address, held),
    );
    c.release("i64", address);
    c.release("i64", entry);
    c.release(type, held);
  };
}
