// A host in a JSON file: what is like another host, and what is its own.
//
//   { "like": "neoverse-v1", "vectorLengths": [128], "ptrauth": "none", "ipaBits": 40,
//     "idRegisters": { "ID_AA64ISAR0_EL1": "0x1011111110212120" } }
//
// Or what `velum probe --json` printed on it.

import type { Gic } from "../kvm/host_offer.ts";
import { RequestError } from "../kvm/request_error.ts";
import { longest, quadword } from "../kvm/vector_lengths.ts";
import {
  type HostProfile,
  hostProfile,
  isProfileRegister,
  type PtrauthAlgorithm,
  ptrauthAlgorithms,
} from "./host_profile.ts";
import { describeReported, isReport } from "./reported_host.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Each member that a file can have: what it may be, and the value as the profile has it. */
const members: { readonly [key: string]: (value: Json) => Partial<HostProfile> | string } = {
  about: (value) => typeof value === "string" ? { about: value } : "a text",
  vectorLengths: (value) =>
    isArrayOf(value, isVectorLength) && hasPowersOfTwo(value)
      ? { vectorLengths: [...value].sort((a, b) => a - b) }
      : `a list of SVE vector lengths in bits, multiples of ${quadword} up to ${longest}, each once, with ` +
        "every power of two up to the longest of them",
  ptrauth: (value) =>
    ptrauthAlgorithms.includes(value as PtrauthAlgorithm)
      ? { ptrauth: value as PtrauthAlgorithm }
      : `one of ${ptrauthAlgorithms.join(", ")}`,
  ipaBits: (value) => isWhole(value, 32, 52) ? { ipaBits: value } : "a whole number from 32 to 52",
  pmuCounters: (value) =>
    isWhole(value, 0, 31) ? { pmuCounters: value } : "a whole number from 0, for no PMU, to 31",
  gics: (value) =>
    isArrayOf(value, isGic) && value.length
      ? { gics: value }
      : 'a list of "v2" and "v3", one of them at least',
  cpus: (value) => isWhole(value, 1, 512) ? { cpus: value } : "a whole number from 1 to 512",
  idRegisters: parseRegisters,
};

/**
 * @param file its name, which becomes the host's
 * @param known the hosts it can be like; like the first unless it says so
 * Throws RequestError naming the field `host`.
 */
export function parseProfile(file: string, text: string, known: readonly HostProfile[]): HostProfile {
  const refuse = (what: string) => new RequestError("host", `${file} does not describe a host: ${what}`);
  const json = parseJson(text);
  if (!isObject(json)) throw refuse("it is not a JSON object");
  const { like = known[0]!.name, ...own } = isReport(json) ? describeReported(file, json) : json;
  const base = known.find(({ name }) => name === like);
  if (!base) throw refuse(`"like" is one of ${known.map(({ name }) => name).join(", ")}`);
  let described: HostProfile = { ...base, about: `like ${base.name}` };
  for (const [key, value] of Object.entries(own)) {
    const member = Object.hasOwn(members, key) ? members[key]! : undefined;
    if (!member) throw refuse(`there is no "${key}"; it can have like, ${Object.keys(members).join(", ")}`);
    const parsed = member(value);
    if (typeof parsed === "string") throw refuse(`"${key}" is ${parsed}`);
    const { idRegisters, ...rest } = parsed;
    described = { ...described, ...rest, idRegisters: { ...described.idRegisters, ...idRegisters } };
  }
  return hostProfile({ ...described, name: file });
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseRegisters(value: Json): Partial<HostProfile> | string {
  const right = "an object of ID registers by name, each a hexadecimal number of at most 64 bits in a text";
  if (!isObject(value)) return right;
  const entries = Object.entries(value);
  const wrong = entries.find(([name, hex]) => !isProfileRegister(name) || !isHex(hex));
  if (wrong) return `${right}, which ${wrong[0]} is not`;
  return { idRegisters: Object.fromEntries(entries.map(([name, hex]) => [name, BigInt(hex as string)])) };
}

const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isHex = (value: Json): value is string =>
  typeof value === "string" && /^0x[0-9a-f]{1,16}$/i.test(value);

const isWhole = (value: Json, least: number, most: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;

const isVectorLength = (value: Json): value is number =>
  isWhole(value, quadword, longest) && value % quadword === 0;

/** As every implementation must have (Arm DDI 0487, "SVE vector length"). */
const hasPowersOfTwo = (lengths: readonly number[]) =>
  [128, 256, 512, 1024, 2048].every((bits) => bits > Math.max(...lengths) || lengths.includes(bits));

const isGic = (value: Json): value is Gic => value === "v2" || value === "v3";

/** A list of such values, each once. */
function isArrayOf<T extends Json>(value: Json, isElement: (element: Json) => element is T): value is T[] {
  return Array.isArray(value) && value.every(isElement) && new Set(value).size === value.length;
}
