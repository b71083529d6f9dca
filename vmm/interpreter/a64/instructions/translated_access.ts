// Accesses by code that only the TLB's hits are for: atomic ones, and those with EL0's permissions. What it does
// not have, or is misaligned, is left to the instruction's TypeScript (cpu_layout.ts says how the TLB lies).

import { cpuWord, pageBits, pageSize, tlbEntries, tlbEntry, tlbKinds } from "../cpu_layout.ts";
import { PSTATE } from "../pstate.ts";
import type { AccessBytes, Target } from "../target.ts";
import {
  add,
  and,
  and32,
  bind64,
  const32,
  const64,
  eq,
  extendU32,
  type I64,
  mul,
  shl,
  shrU,
  shrU32,
  sub,
  when,
} from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";

export interface TranslatedAccess {
  readonly bytes: AccessBytes | 16;
  readonly isWrite: boolean;
  /** Of the TLB; that of the current exception level unless given. */
  readonly tlb?: I64;
}

const load64 = (address: I64, offset: number): I64 => (c) => {
  address(c);
  c.access([0x29], 3, offset);
};

/**
 * `access` at the place in the shared memory, or the instruction's `run`. An access that is misaligned never
 * hits, since a tag is a page's address.
 */
export function ifTranslated(
  t: Target,
  { bytes, isWrite, tlb = t.state64(cpuWord.tlb) }: TranslatedAccess,
  address: I64,
  access: (place: I64) => Statement,
): Statement {
  const page = and(shrU(address, const64(pageBits)), const64(tlbEntries - 1));
  const entryAt = add(tlb, shl(page, const64(Math.log2(tlbEntry.size))));
  const tag = isWrite ? tlbEntry.writeTag : tlbEntry.readTag;
  return bind64(entryAt, (entry) =>
    when(
      eq(load64(entry, tag), and(address, const64(-pageSize | bytes - 1))),
      access(add(address, load64(entry, tlbEntry.addend))),
      t.fallBack(),
    ));
}

const bytesOfTlb = tlbEntries * tlbEntry.size;

/** The TLB with EL0's permissions: those of EL1 with and without PAN lie after it. */
export function el0Tlb(t: Target): I64 {
  const pstate = () => t.state32(cpuWord.pstate);
  const isEl1 = and32(shrU32(pstate(), const32(Math.log2(PSTATE.EL & -PSTATE.EL))), const32(1));
  const isPan = and32(shrU32(pstate(), const32(Math.log2(PSTATE.PAN))), const32(1));
  const kind = mul(
    extendU32(isEl1),
    add(const64(tlbKinds.el1), mul(extendU32(isPan), const64(tlbKinds.el1Pan - tlbKinds.el1))),
  );
  return sub(t.state64(cpuWord.tlb), mul(kind, const64(bytesOfTlb)));
}
