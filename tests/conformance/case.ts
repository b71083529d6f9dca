// A conformance case: one question to a backend, put through vmm/kvm alone, so that every backend can be asked.
// Its answer is plain data that comes out the same each time; what the kernel answered is in recorded/.

import type { HostOffer } from "../../vmm/kvm/host_offer.ts";
import { KvmError } from "../../vmm/kvm/kvm_error.ts";
import type { Bench } from "./bench.ts";

/** JSON. A bigint is written as a hexadecimal string, an error by its name, success as what the call returns. */
export type Answer = null | boolean | number | string | readonly Answer[] | {
  readonly [key: string]: Answer;
};

interface Question<A extends Answer> {
  /** The behaviour, as a sentence. */
  readonly name: string;
  /** Where it is stated: a section of the KVM document or of another manual, or the kernel that showed it. */
  readonly source: string;
  /** How the kernel differs from its document, in one sentence; the kernel's answer is what counts. */
  readonly differs?: string;
  /** On which hosts it can be asked; on all unless given. */
  readonly where?: (offer: HostOffer) => boolean;
  readonly ask: (bench: Bench) => A;
}

/** Every case says what its source promises: the whole answer, or a check of what is promised of it. */
type Promised<A extends Answer> =
  | { readonly expected: (offer: HostOffer) => A; readonly check?: never }
  | { readonly check: (answer: A, offer: HostOffer) => void; readonly expected?: never };

export type Case = Question<Answer> & Promised<Answer>;

/** A list of cases may hold cases of different answers: each check sees only its own case's answers. */
export function defineCase<A extends Answer>(definition: Question<A> & Promised<A>): Case {
  return definition as Case;
}

/** What a call answers: its value (0 if it has none), or the error's name. */
export function answerOf(call: () => Answer | void): Answer {
  try {
    return call() ?? 0;
  } catch (error) {
    if (error instanceof KvmError) return error.errno;
    throw error;
  }
}

type Answers<K extends string> = { readonly [key in K]: Answer };

/** What each call answers, made in this order. */
export function answersOf<K extends string>(calls: { readonly [key in K]: () => Answer | void }): Answers<K> {
  const entries = Object.entries<() => Answer | void>(calls);
  return Object.fromEntries(entries.map(([name, call]) => [name, answerOf(call)])) as Answers<K>;
}

export const hex = (value: bigint): string => "0x" + value.toString(16);

/** Any plain value as an answer. */
export function toAnswer(value: unknown): Answer {
  if (typeof value === "bigint") return hex(value);
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(toAnswer);
  const members = Object.entries(value as Record<string, unknown>);
  return Object.fromEntries(members.map(([key, member]) => [key, toAnswer(member)]));
}
