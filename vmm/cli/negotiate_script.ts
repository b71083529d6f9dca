// velum negotiate --script: performs the calls of a file in their order and explains each answer.

import { offerOf } from "../kvm/host_offer.ts";
import { formatAnswer, formatCall, recorded, type TranscriptEntry } from "../kvm/transcript.ts";
import type { Performance } from "../lab/script_performance.ts";
import { withRunLimit } from "../machine/run_limit.ts";
import { withTranscript } from "../machine/transcript_output.ts";
import { bareBackendOf, transcriptOf } from "./backend_request.ts";
import { readInputFile } from "./input_files.ts";
import type { Given } from "./options.ts";
import { parseSeconds } from "./quantities.ts";

/** Returns 1 where an answer was not what its line expects. */
export async function performScript(given: Given): Promise<number> {
  const file = given.one("script")!;
  const { formsOfCalls, parsePerformance } = await import("../lab/script_performance.ts");
  if (file === "help") {
    console.log(formsOfCalls());
    return 0;
  }
  const performance = parsePerformance(file, new TextDecoder().decode(readInputFile("script", file)));
  const seconds = given.has("timeout") ? parseSeconds("timeout", given.one("timeout")!) : 1;
  const bare = bareBackendOf(given);
  const offer = offerOf(bare);
  const entries: TranscriptEntry[] = [];
  const backend = recorded(
    withTranscript(bare, transcriptOf(given)),
    (entry) => void entries.push(entry),
    [],
    true,
  );
  return await withRunLimit(bare, performance.runsGuests, seconds, (limit) => {
    const isJson = given.has("json");
    return report(performance, isJson, performance.perform({ backend, offer, entries, limit }));
  });
}

type Steps = ReturnType<Performance["perform"]>;

function report({ file }: Performance, isJson: boolean, steps: Steps): number {
  let failures = 0;
  const all = [];
  for (const step of steps) {
    if (step.fault) failures++;
    if (isJson) all.push(step);
    else printStep(file, step);
  }
  if (isJson) console.log(JSON.stringify(all, (key, value) => key === "call" ? undefined : value, 2));
  else if (failures) {
    console.log(`\n${failures} ${failures === 1 ? "line" : "lines"} went otherwise than expected`);
  }
  return failures ? 1 : 0;
}

type Step = Steps extends Iterable<infer S> ? S : never;

function printStep(file: string, { line, text, calls, advice, fault }: Step) {
  console.log(`${String(line).padStart(4)}  ${text}`);
  for (const { entry, isMade } of calls) {
    console.log(
      isMade ? `      (for it) ${formatCall(entry)}` : `      ${callOf(entry)} = ${formatAnswer(entry)}`,
    );
    if (typeof entry.answer === "string") console.log(`      ${entry.answer}: ${entry.meaning}`);
  }
  if (advice !== undefined) console.log(`      ${advice}`);
  if (fault !== undefined) console.log(`      ${file}:${line}: ${fault}`);
}

function callOf(entry: TranscriptEntry): string {
  return formatCall(entry).slice(0, -` = ${formatAnswer(entry)}`.length);
}
