// Quantities as people write them.

import { RequestError } from "../kvm/request_error.ts";

/** A whole number above zero. */
export function parseCount(field: string, text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new RequestError(field, `"${text}" is not a number for --${field}; give a whole number from 1`);
}

/** Seconds, with a fraction if wanted; 0 too. */
export function parseWait(field: string, text: string, most: number): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (seconds <= most) return seconds;
  throw new RequestError(field, `"${text}" is not a time for --${field}; give seconds, from 0 to ${most}`);
}

/** Seconds, with a fraction if wanted. */
export function parseSeconds(field: string, text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  const longest = 2 ** 31 / 1000;
  if (seconds > 0 && seconds < longest) return seconds;
  throw new RequestError(
    field,
    `"${text}" is not a time for --${field}; give seconds, above 0 and below ${Math.floor(longest)}`,
  );
}

/** A whole number of 32 bits. */
export function parseSeed(text: string): number {
  const seed = /^\d+$/.test(text) ? Number(text) : NaN;
  if (seed < 2 ** 32) return seed;
  throw new RequestError("seed", `"${text}" is not a seed; give a whole number from 0 to ${2 ** 32 - 1}`);
}
