// A script, as lines of calls or as a transcript's JSON lines, performed: each line's calls with their answers, why
// they were refused, and whether they were what the line expects.

import type { Backend } from "../kvm/backend.ts";
import type { HostOffer } from "../kvm/host_offer.ts";
import * as calls from "../kvm/ioctls.ts";
import { toHex } from "../kvm/replayable_call.ts";
import type { TranscriptEntry } from "../kvm/transcript.ts";
import type { RunLimit } from "../machine/run_limit.ts";
import { Advisor } from "./advice.ts";
import { Player } from "./player.ts";
import { atLine } from "./replay.ts";
import { parseScript, type ScriptLine, ScriptStage } from "./script.ts";
import { scriptVerbs } from "./script_calls.ts";
import { parseTranscript, type TranscriptLine } from "./transcript_schema.ts";

export interface PerformedStep {
  readonly line: number;
  readonly text: string;
  readonly calls: readonly {
    readonly entry: TranscriptEntry;
    /** Whether the line needed it and did not name it. */
    readonly isMade: boolean;
  }[];
  /** Why the line's call was refused, where that is known. */
  readonly advice?: string;
  /** What was expected and did not come, or why the line could not be performed. */
  readonly fault?: string;
}

export interface Surroundings {
  /** Adds each call to `entries`. */
  readonly backend: Backend;
  readonly entries: TranscriptEntry[];
  readonly offer: HostOffer;
  readonly limit: () => RunLimit;
}

export interface Performance {
  readonly file: string;
  /** Whether any line runs a guest, if only for an instruction. */
  readonly runsGuests: boolean;
  /** Throws RequestError for a line that cannot follow those before it. */
  perform(surroundings: Surroundings): Generator<PerformedStep>;
}

/** Throws RequestError naming file and line. */
export function parsePerformance(file: string, text: string): Performance {
  return text.trimStart().startsWith("{")
    ? ofTranscript(file, parseTranscript("script", file, text))
    : ofScript(file, parseScript(file, text));
}

function ofScript(file: string, lines: readonly ScriptLine[]): Performance {
  return {
    file,
    runsGuests: lines.some(({ act }) => "ioctl" in act && act.ioctl === calls.KVM_RUN),
    *perform({ backend, entries, offer, limit }) {
      const stage = new ScriptStage(backend, offer, limit);
      const advisor = new Advisor(offer);
      try {
        for (const line of lines) {
          entries.length = 0;
          let own = 0;
          const why = stage.perform(line, () => void (own = entries.length));
          yield {
            line: line.number,
            text: line.text,
            ...stepOf(entries, why === undefined ? own : entries.length, advisor),
            ...faultOf(why ?? unmetExpectation(line, entries.at(-1))),
          };
        }
      } finally {
        stage.close();
      }
    },
  };
}

const faultOf = (fault: string | undefined) => fault === undefined ? {} : { fault };

function stepOf(entries: readonly TranscriptEntry[], own: number, advisor: Advisor) {
  const advice = entries.map((entry) => advisor.hear(entry)).at(-1);
  return {
    calls: entries.map((entry, index) => ({ entry, isMade: index < own })),
    ...advice !== undefined && { advice },
  };
}

function unmetExpectation({ expected }: ScriptLine, entry: TranscriptEntry | undefined): string | undefined {
  if (!expected || !entry) return undefined;
  const { text, value } = expected;
  const isMet = value
    ? typeof entry.answer === "number" && sameValue(toHex(value), entry)
    : isExpected(text, entry);
  return isMet ? undefined : `${text} was expected`;
}

/** The value that a register was read with is little-endian in the entry's call, big in what it tells. */
function sameValue(wanted: string, { call }: TranscriptEntry): boolean {
  return call?.gave === wanted;
}

function isExpected(text: string, { answer, gives }: TranscriptEntry): boolean {
  if (text === "ok") return typeof answer === "number";
  return String(answer) === text || gives.exit === text;
}

function ofTranscript(file: string, lines: readonly [number, TranscriptLine][]): Performance {
  return {
    file,
    runsGuests: lines.some(([, { ioctl }]) => ioctl === "KVM_RUN"),
    *perform({ backend, entries, offer, limit }) {
      const player = new Player(backend, limit);
      const advisor = new Advisor(offer);
      try {
        for (const [number, line] of lines) {
          entries.length = 0;
          const why = atLine(file, number, () => player.play(line));
          const text = `${line.handle}: ${line.ioctl}`;
          const expected = line.expect === undefined ? undefined : String(line.expect);
          const entry = entries.at(-1);
          const isMet = expected === undefined || entry && isExpected(expected, entry);
          yield {
            line: number,
            text,
            ...stepOf(entries, 0, advisor),
            ...faultOf(why ?? (isMet ? undefined : `${expected} was expected`)),
          };
        }
      } finally {
        player.close();
      }
    },
  };
}

/** What a script's lines can be. */
export function formsOfCalls(): string {
  const heads = { system: "system", vm: "vm", vcpu: "vcpu NUMBER", gic: "gic", its: "its" };
  return [
    "A line of a script is a call; what it needs and no line made is made for it. # begins a comment.",
    "A line can end in expect and an error (EPERM), ok, a number, the value that get reads, or run's exit.",
    ...Object.entries(scriptVerbs).flatMap(([kind, verbs]) => [
      "",
      ...Object.entries(verbs).map(([name, { form }]) =>
        `${heads[kind as keyof typeof heads]} ${name} ${form}`.trimEnd()
      ),
    ]),
  ].join("\n");
}
