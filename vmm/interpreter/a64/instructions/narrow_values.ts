// Values of a part of 64 bits, by its bytes (Arm DDI 0487, shared pseudocode "SignExtend" and "ZeroExtend").

import type { AccessBytes } from "../target.ts";
import { and, const64, extend16, extend32, extend8, type I64 } from "../vocabulary.ts";

const extensions = { 1: extend8, 2: extend16, 4: extend32 };

export const signExtended = (bytes: AccessBytes, value: I64): I64 =>
  bytes === 8 ? value : extensions[bytes](value);

export const zeroExtended = (bytes: AccessBytes, value: I64): I64 =>
  bytes === 8 ? value : and(value, const64(2n ** BigInt(8 * bytes) - 1n));
