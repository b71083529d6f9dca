// Loads and stores of generated code, in the memory that the vcpus' state and the guest's RAM are in (WebAssembly Core
// Specification, "Memory Instructions").

import type { AccessBytes } from "./target.ts";
import type { I64 } from "./vocabulary.ts";
import type { Code, Statement } from "./wasm/code.ts";

/** Opcodes, zero-extending to 64 bits. */
export const loads: Record<AccessBytes, readonly number[]> = { 1: [0x31], 2: [0x33], 4: [0x35], 8: [0x29] };
export const stores: Record<AccessBytes, readonly number[]> = { 1: [0x3c], 2: [0x3d], 4: [0x3e], 8: [0x37] };
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
