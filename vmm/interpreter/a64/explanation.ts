// What an instruction word is, for who wants to know: its definition, its encoding bit by bit, its assembly, and
// what the processor must have for it (Arm DDI 0487, "A64 instruction set encoding").

import { findHost } from "../hosts.ts";
import type { HostProfile } from "../host_profile.ts";
import { Decoder } from "./decoder.ts";
import type { Definition, Need } from "./definition.ts";
import { idFieldName } from "../../kvm/id_register_fields.ts";
import { instructions } from "./instructions/all.ts";
import { meaningOf } from "./meaning.ts";
import { fieldsOf } from "./pattern.ts";

/** Bits of the word that stand together in the manual's drawing. */
export interface EncodingPart {
  readonly from: number;
  readonly to: number;
  /** Of a field; none where the bits are fixed. */
  readonly name?: string;
  /** As many digits as bits. */
  readonly bits: string;
}

export interface Needed {
  /** As `ID_AA64ISAR0_EL1.Atomic`. */
  readonly field: string;
  readonly least: number;
}

export interface Explanation {
  /** `0x` and eight digits. */
  readonly word: string;
  /** None where no definition has the word; `parts` and all else are empty then. */
  readonly name?: string;
  readonly assembly?: string;
  /** What it does, in a sentence or two. */
  readonly meaning?: string;
  readonly parts: readonly EncodingPart[];
  readonly fields: Readonly<Record<string, number>>;
  /** Any one of these is enough; empty where every vcpu has the instruction. */
  readonly needs: readonly Needed[];
  readonly sentences: readonly string[];
  readonly host?: { readonly name: string; readonly hasIt: boolean };
}

export const hexWord = (word: number) => "0x" + word.toString(16).padStart(8, "0");

/** The assembly of a definition's word. */
export const assemblyOf = ({ assembly, pattern }: Definition, word: number) =>
  assembly(fieldsOf(pattern, word));

/** @param host a host of `velum hosts`, or a JSON file. Throws RequestError. */
export function explainer(host?: string): (word: number) => Explanation {
  const profile = host === undefined ? undefined : findHost(host);
  const everything = new Decoder(instructions, () => true);
  return (word) => explain(everything.find(word), word, profile);
}

function explain(
  definition: Definition | undefined,
  word: number,
  host: HostProfile | undefined,
): Explanation {
  if (!definition) {
    const lacks = host ? { host: { name: host.name, hasIt: false } } : {};
    return { word: hexWord(word), parts: [], fields: {}, needs: [], sentences: [], ...lacks };
  }
  const needs = needsOf(definition);
  const meaning = meaningOf(definition.name);
  const has = (profile: HostProfile) => needs.length === 0 || needs.some((need) => meets(profile, need));
  return {
    word: hexWord(word),
    name: definition.name,
    assembly: assemblyOf(definition, word),
    ...meaning === undefined ? {} : { meaning },
    parts: partsOf(definition, word),
    fields: fieldsOf(definition.pattern, word),
    needs: needs.map(([register, shift, least]) => ({ field: idFieldName(register, shift), least })),
    sentences: sentencesOf(definition),
    ...host ? { host: { name: host.name, hasIt: has(host) } } : {},
  };
}

const meets = ({ idRegisters }: HostProfile, [register, shift, least]: Need) =>
  Number((idRegisters[register] ?? 0n) >> BigInt(shift) & 0xfn) >= least;

/** Address and generic authentication are asked for when the instruction runs: each algorithm has a field. */
const addressKeys: readonly Need[] = [
  ["ID_AA64ISAR1_EL1", 4, 1],
  ["ID_AA64ISAR1_EL1", 8, 1],
  ["ID_AA64ISAR2_EL1", 12, 1],
];
const genericKey: readonly Need[] = [
  ["ID_AA64ISAR1_EL1", 24, 1],
  ["ID_AA64ISAR1_EL1", 28, 1],
  ["ID_AA64ISAR2_EL1", 8, 1],
];
const authenticating = /^(PAC|AUT|XPAC[ID]$|BRA|BLRA|RETA|ERETA|LDRA)/;
/** "Hints": without pointer authentication these do nothing, so every vcpu has them. */
const isHint = ({ pattern }: Definition) => (pattern.value & 0xffff_f000) >>> 0 === 0xd503_2000;

function needsOf(definition: Definition): readonly Need[] {
  if (definition.needs) return [definition.needs];
  if (definition.name === "PACGA") return genericKey;
  return authenticating.test(definition.name) && !isHint(definition) ? addressKeys : [];
}

function partsOf({ pattern }: Definition, word: number): EncodingPart[] {
  let next = 32;
  return pattern.text.split(/\s+/).map((text) => {
    const [name, width] = text.split(":");
    const from = next - 1;
    next -= width === undefined ? text.length : Number(width);
    const bits = (word >>> next & 2 ** (from - next + 1) - 1).toString(2).padStart(from - next + 1, "0");
    return { from, to: next, ...width === undefined ? {} : { name: name! }, bits };
  });
}

const lookedUp = ["SYS", "SYSL", "MRS", "MSR (register)"];

const registers = {
  fp:
    "It uses the FP and AdvSIMD registers: where CPACR_EL1.FPEN says so it traps, with exception class 0x07.",
  sve: "It uses SVE's registers: where CPACR_EL1.ZEN says so it traps, with exception class 0x19.",
} as const;

function sentencesOf(definition: Definition): string[] {
  const { uses, name } = definition;
  return [
    ...uses ? [registers[uses]] : [],
    ...definition.branchOffset ? ["It branches to an address that is relative to its own."] : [],
    ...lookedUp.includes(name)
      ? ["Whether a vcpu has this system register or operation is looked up when the instruction runs."]
      : [],
    ...authenticating.test(name) && isHint(definition)
      ? ["It is a hint: a processor without pointer authentication does nothing for it."]
      : [],
  ];
}
