// Atomic accesses to the shared memory as WebAssembly has them, sequentially consistent, zero-extended
// (WebAssembly threads proposal, "Atomic memory accesses").

import type { AccessBytes } from "../target.ts";
import { bind64, const64, type I64, ne } from "../vocabulary.ts";
import type { Code, Statement } from "../wasm/code.ts";
import { lockWord } from "./shared_place.ts";

const prefix = 0xfe;
/** The first of seven opcodes: i32, i64, i32 of 8 and 16 bits, i64 of 8, 16 and 32 bits. */
const first = {
  load: 0x10,
  store: 0x17,
  add: 0x1e,
  and: 0x2c,
  or: 0x33,
  xor: 0x3a,
  xchg: 0x41,
  cmpxchg: 0x48,
};
const ofSize: Record<AccessBytes, number> = { 1: 4, 2: 5, 4: 6, 8: 1 };

type Access = keyof typeof first;

function access(c: Code, name: Access, bytes: AccessBytes) {
  c.access([prefix, first[name] + ofSize[bytes]], Math.log2(bytes), 0);
}

export const atomicLoad = (bytes: AccessBytes, place: I64): I64 => (c) => {
  place(c);
  access(c, "load", bytes);
};

export const atomicStore = (bytes: AccessBytes, place: I64, value: I64): Statement => (c) => {
  place(c);
  value(c);
  access(c, "store", bytes);
};

export type AtomicUpdate = "add" | "and" | "or" | "xor" | "xchg";

/** What was there. */
export const atomicUpdate = (name: AtomicUpdate, bytes: AccessBytes, place: I64, value: I64): I64 => (c) => {
  place(c);
  value(c);
  access(c, name, bytes);
};

/** What was there; `expected` has no bits beyond the size. */
export const atomicCompareExchange =
  (bytes: AccessBytes, place: I64, expected: I64, desired: I64): I64 => (c) => {
    place(c);
    expected(c);
    desired(c);
    access(c, "cmpxchg", bytes);
  };

/** What was there, by a function of it that WebAssembly has no atomic access for. */
export const atomicReplace = (bytes: AccessBytes, place: I64, replacement: (old: I64) => I64): I64 =>
  bind64(place, (at) => (c) => {
    const old = c.local("i64");
    atomicLoad(bytes, at)(c);
    c.set(old);
    c.loop(() => {
      const again = c.depth - 1;
      const was: I64 = (code) => code.get(old);
      const seen = atomicCompareExchange(bytes, at, was, replacement(was));
      bind64(seen, (now) => (code) => {
        ne(now, was)(code);
        now(code);
        code.set(old);
        code.branchIf(again);
      })(c);
    });
    c.get(old);
    c.release("i64", old);
  });

const lockPlace = const64(lockWord.place);
const free = const64(lockWord.free), taken = const64(lockWord.taken);

/** Does it while no other vcpu does such; it cannot fault. */
export const aloneInCode = (action: Statement): Statement => (c) => {
  c.loop(() => {
    const again = c.depth - 1;
    ne(atomicCompareExchange(lockWord.bytes, lockPlace, free, taken), free)(c);
    c.branchIf(again);
  });
  action(c);
  atomicStore(lockWord.bytes, lockPlace, free)(c);
};
