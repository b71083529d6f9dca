// Loads and stores of generated code, in the memory that the vcpus' state and the guest's RAM are in (WebAssembly Core
// Specification, "Memory Instructions").

import type { AccessBytes } from "./target.ts";
import type { I32, I64 } from "./vocabulary.ts";
import type { Code, Statement } from "./wasm/code.ts";

/** Opcodes, zero-extending to 64 bits. */
export const loads: Record<AccessBytes, readonly number[]> = { 1: [0x31], 2: [0x33], 4: [0x35], 8: [0x29] };
export const stores: Record<AccessBytes, readonly number[]> = { 1: [0x3c], 2: [0x3d], 4: [0x3e], 8: [0x37] };
export const i64Load = loads[8], i64Store = stores[8];
export const i32Load = [0x28], i32Store = [0x36], i32Load16U = [0x2f];
/** The prefix of what is about v128. */
export const simd = 0xfd;
export const v128Load = [simd, 0], v128Store = [simd, 11];

export const loadAt = (opcode: readonly number[], address: I64, offset = 0, alignment = 0) => (c: Code) => {
  address(c);
  c.access(opcode, alignment, offset);
};
export const storeAt =
  (opcode: readonly number[], address: I64, value: (c: Code) => void, offset = 0): Statement => (c) => {
    address(c);
    value(c);
    c.access(opcode, 0, offset);
  };

/** A vcpu's words, by their offsets in cpu_layout.ts. */
export class StateCode {
  /**
   * @param base an address
   * @param at what is added to it to give the state's
   */
  constructor(readonly base: I64, readonly at = 0) {}

  state64(offset: number): I64 {
    return loadAt(i64Load, this.base, this.at + offset, 3);
  }

  setState64(offset: number, value: I64): Statement {
    return storeAt(i64Store, this.base, value, this.at + offset);
  }

  state32(offset: number): I32 {
    return loadAt(i32Load, this.base, this.at + offset, 2);
  }

  setState32(offset: number, value: I32): Statement {
    return storeAt(i32Store, this.base, value, this.at + offset);
  }
}
