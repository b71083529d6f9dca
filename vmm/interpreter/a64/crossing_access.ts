// Loads and stores that the look-up in place does not answer, as they cross from one page into the next: where both
// pages are in the TLB, they are done byte by byte, or whole where only the quadword they are half of crosses (Arm
// DDI 0487, "Alignment support", "Atomicity in the Arm architecture").

import { pageSize, tlbEntry } from "./cpu_layout.ts";
import { hostAddress, isAtHand, lookUp } from "./guest_access.ts";
import { local } from "./interpreter_target.ts";
import { i64Load, i64Store, loadAt, loads, storeAt, stores } from "./memory_code.ts";
import {
  add,
  and,
  and32,
  const64,
  eqz,
  extendU32,
  getLocal,
  type I32,
  type I64,
  or,
  sequence,
  setLocal,
  shl,
  shrU,
  sub,
  when,
  xor,
} from "./vocabulary.ts";
import type { Statement } from "./wasm/code.ts";

const tlb = getLocal(local.tlb);

/** Whether the access begins and ends in pages that are in the TLB. */
const areAtHand = (tag: number, address: number, bytes: number): I32 =>
  and32(isAtHand(tlb, tag, getLocal(address)), isAtHand(tlb, tag, lastByte(address, bytes)));
const lastByte = (address: number, bytes: number): I64 =>
  add(getLocal(address), sub(extendU32((c) => c.get(bytes)), const64(1)));

/** Whether it is in one page: an aligned half of a quadword. */
const isInPage = (address: number, bytes: number): I32 =>
  eqz(and(xor(getLocal(address), lastByte(address, bytes)), const64(-pageSize)));

/** From the last byte on: where it is in the host's memory, and its number. */
const eachByte =
  (tag: number, address: number, bytes: number, body: (host: I64, byte: I64) => Statement): Statement =>
  (c) => {
    const at = c.local("i64"), entry = c.local("i64"), byte = c.local("i64");
    extendU32((code) => code.get(bytes))(c);
    c.set(byte);
    c.loop(() => {
      const top = c.depth - 1;
      sub(getLocal(byte), const64(1))(c);
      c.set(byte);
      add(getLocal(address), getLocal(byte))(c);
      c.set(at);
      hostOf(tag, at, entry)(c);
      body(hostAddress(at, entry), getLocal(byte))(c);
      eqz(getLocal(byte))(c);
      c.op(0x45);
      c.branchIf(top);
    });
    for (const one of [at, entry, byte]) c.release("i64", one);
  };

/** Finds the entry of a page that is known to be there. */
const hostOf = (tag: number, at: number, entry: number): Statement => (c) => {
  lookUp(c, tlb, 1, tag, at, entry);
  c.op(0x1a);
};

const loadByte = loads[1], storeByte = stores[1];

/** Returns the value, of 8 bytes at most and extended by zeroes, or goes on. */
export const loadAcross = (address: number, bytes: number): Statement => {
  const tag = tlbEntry.readTag;
  return when(areAtHand(tag, address, bytes), (c) => {
    const entry = c.local("i64"), value = c.local("i64");
    isInPage(address, bytes)(c);
    c.if(
      sequence(
        hostOf(tag, address, entry),
        setLocal(value, loadAt(i64Load, hostAddress(address, entry))),
      ),
      sequence(
        setLocal(value, const64(0)),
        eachByte(
          tag,
          address,
          bytes,
          (host) => setLocal(value, or(shl(getLocal(value), const64(8)), loadAt(loadByte, host))),
        ),
      ),
    );
    c.get(value);
    c.op(0x0f);
    c.release("i64", entry);
    c.release("i64", value);
  });
};

/** Stores and returns, or goes on. */
export const storeAcross = (address: number, value: number, bytes: number): Statement => {
  const tag = tlbEntry.writeTag;
  return when(areAtHand(tag, address, bytes), (c) => {
    const entry = c.local("i64");
    isInPage(address, bytes)(c);
    c.if(
      sequence(
        hostOf(tag, address, entry),
        storeAt(i64Store, hostAddress(address, entry), getLocal(value)),
      ),
      eachByte(
        tag,
        address,
        bytes,
        (host, byte) => storeAt(storeByte, host, shrU(getLocal(value), shl(byte, const64(3)))),
      ),
    );
    c.op(0x0f);
    c.release("i64", entry);
  });
};
