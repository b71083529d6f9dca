// velum replay: makes the calls of a transcript again, on another backend or host, and tells what is answered
// otherwise.

import { offerOf } from "../kvm/host_offer.ts";
import { RequestError } from "../kvm/request_error.ts";
import { formatAnswer, formatCall } from "../kvm/transcript.ts";
import type { Difference, Replayed, Skipped } from "../lab/replay.ts";
import { withRunLimit } from "../machine/run_limit.ts";
import { withTranscript } from "../machine/transcript_output.ts";
import { backendOptions, hostOptions } from "./common_options.ts";
import { bareBackendOf, transcriptOf } from "./backend_request.ts";
import { readInputFile } from "./input_files.ts";
import type { Command, Given } from "./options.ts";
import { parseSeconds } from "./quantities.ts";

export const replay: Command = {
  operands: "FILE",
  options: {
    timeout: { value: "SECONDS", help: "how long each KVM_RUN may take (1)" },
    json: { help: "print JSON: how many calls were made, what differs, what was left out" },
    ...hostOptions,
    ...backendOptions,
  },
  notes: [
    "FILE is what --transcript=FILE.jsonl wrote. Exit status: 1 if an answer differs from the recorded one.",
    "A counter's value, which never is the same, is no difference; nor is which descriptor a call made.",
  ],
  run: replayFile,
};

async function replayFile(given: Given): Promise<number> {
  const [file, ...more] = given.operands;
  if (file === undefined || more.length) {
    throw new RequestError(
      "operands",
      "velum replay takes one transcript, as --transcript=FILE.jsonl wrote it",
    );
  }
  const seconds = given.has("timeout") ? parseSeconds("timeout", given.one("timeout")!) : 1;
  const text = new TextDecoder().decode(readInputFile("transcript", file));
  const [{ parseTranscript }, { replay: replayLines }] = await Promise.all([
    import("../lab/transcript_schema.ts"),
    import("../lab/replay.ts"),
  ]);
  const lines = parseTranscript("transcript", file, text);
  const bare = bareBackendOf(given);
  const offer = offerOf(bare);
  const backend = withTranscript(bare, transcriptOf(given));
  const runsGuests = lines.some(([, { ioctl }]) => ioctl === "KVM_RUN");
  const replayed = await withRunLimit(
    bare,
    runsGuests,
    seconds,
    (limit) => replayLines(file, lines, backend, offer, limit),
  );
  if (given.has("json")) console.log(JSON.stringify(replayed, null, 2));
  else print(file, replayed);
  return replayed.differences.length ? 1 : 0;
}

function print(file: string, { calls, differences, skipped }: Replayed) {
  for (const difference of differences.filter(({ follows }) => follows === undefined)) {
    printDifference(file, difference);
    const following = differences.filter(({ follows }) => follows === difference.line);
    if (following.length) console.log(`  ${following.length} more follow from it: ${linesOf(following)}`);
  }
  groupsOf(skipped).forEach(({ from, to, why }) =>
    console.log(`${file}:${from}${to === from ? "" : `-${to}`}: not made: ${why}`)
  );
  const count = differences.length;
  const what = count === 0 ? "none answered otherwise" : `${count} answered otherwise`;
  console.log(`${calls} ${calls === 1 ? "call" : "calls"}, ${what}`);
}

function printDifference(file: string, { line, recorded, here, because }: Difference) {
  const call = formatCall(here).slice(0, -` = ${formatAnswer(here)}`.length);
  console.log(`${file}:${line}: ${call}`);
  console.log(`  recorded  ${formatAnswer(recorded)}`);
  console.log(`  here      ${formatAnswer(here)}`);
  because.forEach((sentence) => console.log(`  ${sentence}`));
}

const linesOf = (following: readonly Difference[]) => `lines ${following.map(({ line }) => line).join(", ")}`;

/** Consecutive lines left out for one reason are one. */
function groupsOf(skipped: readonly Skipped[]) {
  const groups: { from: number; to: number; why: string }[] = [];
  for (const { line, why } of skipped) {
    const last = groups.at(-1);
    if (last?.why === why) last.to = line;
    else groups.push({ from: line, to: line, why });
  }
  return groups;
}
