// What a caller can ask for a vcpu, and how it is written on a command line.

import { RequestError } from "./request_error.ts";
import { formatLengths, longest, quadword } from "./vector_lengths.ts";

/** Lengths are in bits. */
export type SveRequest =
  | { kind: "off" }
  | { kind: "auto" }
  | { kind: "max"; bits: number }
  | { kind: "exact"; lengths: readonly number[] };

/** `auto` takes what the host has. */
export type Switch = "on" | "off" | "auto";

export interface FeatureRequest {
  readonly sve: SveRequest;
  readonly ptrauth: Switch;
  readonly pmu: Switch;
}

export const everythingAuto: FeatureRequest = { sve: { kind: "auto" }, ptrauth: "auto", pmu: "auto" };

const forms = "off, auto, max=BITS, or the lengths in bits, as in 128,256";

/** `off`, `auto`, `max=512` or `128,256`. Throws RequestError. */
export function parseSve(text: string): SveRequest {
  if (text === "off" || text === "auto") return { kind: text };
  const max = /^max=(.*)$/.exec(text);
  if (max) return { kind: "max", bits: parseLength(max[1]!) };
  const lengths = text.split(",").map(parseLength);
  const twice = lengths.find((length, index) => lengths.indexOf(length) !== index);
  if (twice !== undefined) {
    throw new RequestError("sve", `the vector length ${twice} is given twice; a set names each length once`);
  }
  return { kind: "exact", lengths: lengths.sort((a, b) => a - b) };
}

function parseLength(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new RequestError(
      "sve",
      `"${text}" is not a vector length in bits; what can be asked of SVE is ${forms}`,
    );
  }
  const bits = Number(text);
  if (bits === 0 || bits % quadword !== 0 || bits > longest) {
    throw new RequestError(
      "sve",
      `${text} is not a vector length: lengths are multiples of ${quadword} from ${quadword} to ${longest} bits`,
    );
  }
  return bits;
}

/** `on`, `off` or `auto`. Throws RequestError naming `field`. */
export function parseSwitch(field: string, text: string): Switch {
  if (text === "on" || text === "off" || text === "auto") return text;
  throw new RequestError(field, `"${text}" is not a setting of --${field}; it takes on, off or auto`);
}

export function formatSve(request: SveRequest): string {
  if (request.kind === "max") return `at most ${request.bits} bits`;
  return request.kind === "exact" ? `exactly ${formatLengths(request.lengths)}` : request.kind;
}
