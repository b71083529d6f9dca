// A register's value as people write it: a number, or for KVM_REG_ARM64_SVE_VLS the lengths in bits.

import { parseSve } from "../kvm/feature_request.ts";
import type { Bytes } from "../kvm/handle.ts";
import { KVM_REG_ARM64_SVE_VLS, type RegisterId, registerName, registerSize } from "../kvm/register_id.ts";
import { RequestError } from "../kvm/request_error.ts";
import { vlsOfLengths } from "../kvm/vector_lengths.ts";

/** The value's bytes, of the register's size. Throws RequestError naming `field`. */
export function parseRegisterValue(field: string, id: RegisterId, text: string): Bytes {
  if (/^(0x[0-9a-f]+)$/i.test(text) || id !== KVM_REG_ARM64_SVE_VLS && /^\d+$/.test(text)) {
    return bytesOf(field, id, text);
  }
  if (id !== KVM_REG_ARM64_SVE_VLS) {
    throw new RequestError(
      field,
      `"${text}" is no value of ${registerName(id)}; it is a number, as 16 or 0x10`,
    );
  }
  const request = parseSve(text);
  if (request.kind === "exact") return vlsOfLengths(request.lengths);
  throw new RequestError(field, `"${text}" is no set of vector lengths; it is lengths in bits, as 128,256`);
}

function bytesOf(field: string, id: RegisterId, text: string): Bytes {
  const size = registerSize(id);
  let value = BigInt(text);
  const bytes = new Uint8Array(new ArrayBuffer(size));
  for (let n = 0; n < size; n++, value >>= 8n) bytes[n] = Number(value & 0xffn);
  if (value === 0n) return bytes;
  throw new RequestError(field, `${text} is too large for ${registerName(id)}, which has ${8 * size} bits`);
}
