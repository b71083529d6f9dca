// Signing and checking an instruction's address as generated code, where the algorithm is Velum's own: the operations
// of pauth/implementation_defined.ts, in their order. What is rare is left to the instruction's TypeScript: pointers
// that were no addresses, and codes that are wrong.

import type { Cpu } from "../cpu.ts";
import { cpuWord } from "../cpu_layout.ts";
import { PacLevel } from "../pauth/algorithm.ts";
import { MULTIPLIER_1, MULTIPLIER_2 } from "../pauth/implementation_defined.ts";
import { codeBits } from "../pauth/pointer.ts";
import type { Target } from "../target.ts";
import {
  and,
  bind64,
  const64,
  eq,
  type I64,
  mul,
  ne,
  not,
  or,
  rotr,
  select,
  sequence,
  shl,
  shrS,
  shrU,
  when,
  wrap,
  xor,
} from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { type PointerKey, pointersOf } from "./pointer_keys.ts";

const all = 0xffff_ffff_ffff_ffffn;
const bit55 = 1n << 55n;

/** What generated code asks of the pointers' layout; the masks are 0 where it has nothing to do with them. */
export function refreshPointerCode(cpu: Cpu) {
  const { method, instruction: layout } = pointersOf(cpu);
  const isInline = method?.algorithm === "IMPLEMENTATION DEFINED";
  const mask = (high: boolean) => codeBits(layout, high, high ? layout.tbi1 : layout.tbi0);
  cpu.setU64(cpuWord.codeMaskLow, isInline ? mask(false) : 0n);
  cpu.setU64(cpuWord.codeMaskHigh, isInline ? mask(true) : 0n);
  // From FEAT_PAuth2 on the code is not put in place of the address's upper bits, but exclusive-ored to them.
  cpu.setU64(cpuWord.codeFlip, isInline && method.level >= PacLevel.FEAT_PAuth2 ? all : 0n);
}

export interface Signed {
  readonly pointer: I64;
  readonly modifier: I64;
  readonly key: PointerKey;
}

/** The code of an address. */
function hash(t: Target, { pointer, modifier, key }: Signed): I64 {
  const first = mul(xor(pointer, t.state64(key.low)), const64(MULTIPLIER_1));
  const second = mul(xor(xor(first, modifier), t.state64(key.high)), const64(MULTIPLIER_2));
  const third = mul(rotr(second, const64(32)), const64(MULTIPLIER_1));
  return bind64(third, (h) => mul(xor(h, shrU(h, const64(32))), const64(MULTIPLIER_2))) as I64;
}

/** Which bits of a pointer are its code. */
const maskOf = (t: Target, pointer: I64): I64 =>
  select(
    wrap(and(shrU(pointer, const64(55)), const64(1))),
    t.state64(cpuWord.codeMaskHigh),
    t.state64(cpuWord.codeMaskLow),
  );

/** A pointer's bit 55 in all of the mask and in itself. */
function extended(pointer: I64, mask: I64): I64 {
  const bits = or(mask, const64(bit55));
  const extension = and(shrS(shl(pointer, const64(8)), const64(63)), bits);
  return or(and(pointer, not(bits)), extension);
}

/** An address with its code. */
const withCode = (t: Target, signed: Signed, mask: I64): I64 => {
  const kept = and(signed.pointer, not(mask));
  const flip = and(signed.pointer, t.state64(cpuWord.codeFlip));
  return or(kept, and(xor(hash(t, signed), flip), mask));
};

/** The statement with the pointer's mask, or what `run` says where there is none. */
const withMask = (t: Target, pointer: I64, use: (mask: I64) => Statement): Statement =>
  bind64(maskOf(t, pointer), (mask) => when(ne(mask, const64(0)), use(mask), t.fallBack()));

/** XPACLRI. */
export const stripped = (t: Target, pointer: I64, set: (value: I64) => Statement): Statement =>
  withMask(t, pointer, (mask) => set(extended(pointer, mask)));

/** PACIASP and theirs. */
export const signCode = (t: Target, signed: Signed, set: (value: I64) => Statement): Statement =>
  withMask(t, signed.pointer, (mask) =>
    when(
      eq(signed.pointer, extended(signed.pointer, mask)),
      set(withCode(t, signed, mask)),
      t.fallBack(),
    ));

/** AUTIASP and theirs. */
export const authenticateCode = (t: Target, signed: Signed, set: (value: I64) => Statement): Statement =>
  withMask(t, signed.pointer, (mask) =>
    bind64(extended(signed.pointer, mask), (pointer) =>
      when(
        eq(signed.pointer, withCode(t, { ...signed, pointer }, mask)),
        sequence(set(pointer)),
        t.fallBack(),
      )));
