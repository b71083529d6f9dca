// Sizes of memory as people write them.

import { RequestError } from "../kvm/request_error.ts";

const units: Record<string, number> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `512M`, `2G`; bytes. */
export function parseMemorySize(text: string): number {
  const match = /^(\d+)([KMGT])$/.exec(text);
  const size = match ? Number(match[1]) * units[match[2]!]! : NaN;
  if (Number.isSafeInteger(size)) return size;
  throw new RequestError(
    "memory",
    `"${text}" is not a size of memory; give a whole number and a unit, as in 512M or 2G`,
  );
}
