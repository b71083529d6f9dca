// A transcript replayed: every call made again on a backend, and each answer that differs, with why where that is
// known.

import type { Backend } from "../kvm/backend.ts";
import type { HostOffer } from "../kvm/host_offer.ts";
import { fieldsOfIdRegister, readField } from "../kvm/id_register_fields.ts";
import * as calls from "../kvm/ioctls.ts";
import { fromHex } from "../kvm/replayable_call.ts";
import { registerIdOf, registerName } from "../kvm/register_id.ts";
import { RequestError } from "../kvm/request_error.ts";
import { featureIdRange } from "../kvm/vm.ts";
import * as layout from "../kvm/structs.ts";
import { recorded, type TranscriptEntry } from "../kvm/transcript.ts";
import { formatLengths } from "../kvm/vector_lengths.ts";
import type { RunLimit } from "../machine/run_limit.ts";
import { Advisor } from "./advice.ts";
import { lacksMemory, Player } from "./player.ts";
import { isCounter } from "./counters.ts";
import { ioctlNamed } from "./ioctl_names.ts";
import type { TranscriptLine } from "./transcript_schema.ts";

export interface Difference {
  readonly line: number;
  readonly recorded: TranscriptLine;
  readonly here: TranscriptEntry;
  /** What differs and why, sentences without full stops. */
  readonly because: readonly string[];
  /** The line whose difference this one follows from: there the vcpu was not initialised. */
  readonly follows?: number;
}

export interface Skipped {
  readonly line: number;
  readonly why: string;
}

export interface Replayed {
  readonly calls: number;
  readonly differences: readonly Difference[];
  readonly skipped: readonly Skipped[];
}

/** Throws RequestError naming `transcript`, with the line. */
export function replay(
  file: string,
  lines: readonly [number, TranscriptLine][],
  backend: Backend,
  offer: HostOffer,
  limit: () => RunLimit,
): Replayed {
  const differences: Difference[] = [];
  const skipped: Skipped[] = [];
  const uninitialised = new Map<string, number>();
  let calls = 0;
  const advisor = new Advisor(offer);
  let here: TranscriptEntry | undefined;
  const player = new Player(recorded(backend, (entry) => void (here = entry), [], true), limit);
  try {
    for (const [line, then] of lines) {
      here = undefined;
      const why = atLine(file, line, () => player.play(then));
      if (why !== undefined) skipped.push({ line, why });
      // What the guest would have done, later calls depend on.
      if (why === lacksMemory) {
        lines.filter(([later]) => later > line).forEach(([later]) => skipped.push({ line: later, why }));
        break;
      }
      if (here === undefined) continue;
      calls++;
      const difference = compare(line, then, here, advisor, offer);
      if (difference) differences.push(withCause(difference, uninitialised));
    }
  } finally {
    player.close();
  }
  return { calls, differences, skipped };
}

/** @param uninitialised vcpus that were initialised in the transcript and not here, and the lines of that */
function withCause(difference: Difference, uninitialised: Map<string, number>): Difference {
  const { line, here } = difference;
  const isRefused = typeof here.answer === "string";
  if (here.ioctl === "KVM_ARM_VCPU_INIT" && isRefused) uninitialised.set(here.handle, line);
  const follows = here.answer === "ENOEXEC" ? uninitialised.get(here.handle) : undefined;
  return follows === undefined ? difference : { ...difference, follows };
}

/** Throws RequestError, with where it is in the file. */
export function atLine<T>(file: string, line: number, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new RequestError(error.field, `${file}:${line}: ${error.message}`);
  }
}

function compare(
  line: number,
  then: TranscriptLine,
  here: TranscriptEntry,
  advisor: Advisor,
  offer: HostOffer,
): Difference | undefined {
  const advice = advisor.hear(here);
  if (isCounter(String(then.arguments.register))) return undefined;
  const isMaking = then.call.made !== undefined && here.call?.made !== undefined;
  const sameAnswer = isMaking || then.answer === here.answer;
  const sameBytes = then.call.gave === here.call?.gave ||
    ioctlNamed(then.ioctl) === calls.KVM_GET_REG_LIST && sameList(then.call.gave, here.call?.gave);
  const sameTold = JSON.stringify(then.gives) === JSON.stringify(here.gives);
  if (sameAnswer && sameBytes && sameTold) return undefined;
  const because = sameAnswer ? differingValues(then, here) : whyOtherwise(then, here, advice, offer);
  return { line, recorded: then, here, because };
}

function whyOtherwise(
  then: TranscriptLine,
  here: TranscriptEntry,
  advice: string | undefined,
  offer: HostOffer,
): string[] {
  const sentences = advice === undefined ? [] : [advice];
  if (typeof then.answer === "string" && then.answer !== here.answer) {
    sentences.unshift(`${then.answer} meant that ${then.meaning}`);
  }
  if (typeof here.answer === "string") sentences.unshift(`${here.answer} means that ${here.meaning}`);
  const isOfSve = JSON.stringify(then.arguments).includes("SVE");
  if (isOfSve && advice === undefined) {
    sentences.push(`the host here has vector lengths of ${formatLengths(offer.vectorLengths)}`);
  }
  return sentences;
}

/** The call went well both times, and gave something else. */
function differingValues(then: TranscriptLine, here: TranscriptEntry): string[] {
  const ioctl = ioctlNamed(then.ioctl);
  if (ioctl === calls.KVM_GET_REG_LIST) return differingLists(then.call.gave, here.call?.gave);
  if (ioctl === calls.KVM_ARM_GET_REG_WRITABLE_MASKS) return differingMasks(then.call.gave, here.call?.gave);
  const register = String(then.arguments.register);
  const fields = fieldsOfIdRegister(register);
  if (fields.length === 0) return [];
  const [a, b] = [then, here].map(({ gives }) => BigInt(gives.value ?? 0)) as [bigint, bigint];
  return fields.filter((field) => readField(a, field) !== readField(b, field))
    .map((field) =>
      `${register}.${field.name} was ${readField(a, field)} and is ${readField(b, field)} here`
    );
}

function differingLists(then = "", here = ""): string[] {
  const [a, b] = [idsOf(then), idsOf(here)];
  return [
    ...told("registers that are not there here", a.difference(b)),
    ...told("registers that were not there", b.difference(a)),
  ];
}

/** The order of a list means nothing. */
const sameList = (then = "", here = "") => idsOf(then).symmetricDifference(idsOf(here)).size === 0;

function differingMasks(then = "", here = ""): string[] {
  const masks = (text: string) =>
    new BigUint64Array(fromHex(text.padEnd(2 * 8 * featureIdRange.length, "0")).buffer);
  const [a, b] = [masks(then), masks(here)];
  const names = featureIdRange.filter((_, index) => a[index] !== b[index]).map(registerName);
  return told("registers of which other bits can be written here", new Set(names));
}

function idsOf(list: string): Set<string> {
  const bytes = fromHex(list);
  if (bytes.length < layout.kvm_reg_list.size) return new Set();
  const { n } = layout.kvm_reg_list.unpack(bytes);
  const room = bytes.length / 8 - 1;
  const ids = new BigUint64Array(bytes.buffer, 8, Math.min(Number(n), room));
  return new Set(Array.from(ids, (id) => registerName(registerIdOf(id))));
}

const mostNamed = 8;

function told(what: string, names: ReadonlySet<string>): string[] {
  if (names.size === 0) return [];
  const shown = [...names].slice(0, mostNamed).join(", ");
  return [`${what}: ${shown}${names.size > mostNamed ? ` and ${names.size - mostNamed} more` : ""}`];
}
