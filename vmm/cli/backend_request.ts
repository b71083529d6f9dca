// The backend that options ask for, and the transcript of what is asked of it.

import type { Backend } from "../kvm/backend.ts";
import { RequestError } from "../kvm/request_error.ts";
import { type BackendChoice, backendChoices, chooseBackend } from "../machine/backends.ts";
import { type TranscriptTarget, withTranscript } from "../machine/transcript_output.ts";
import type { Given } from "./options.ts";

/** Where the transcript goes, if one is wanted; its file is empty then. */
export function transcriptOf(given: Given): TranscriptTarget | undefined {
  const file = given.one("transcript");
  if (file !== undefined) return targetOf(given, "transcript", file);
  if (!given.has("transcript-format")) return undefined;
  throw new RequestError(
    "transcript-format",
    "--transcript-format needs --transcript, which says where the transcript goes",
  );
}

/**
 * A file, emptied, or stderr, and the format, which `--WHAT-format` gives.
 * @param what is written: the option's name
 * @param file empty for stderr
 */
export function targetOf(given: Given, what: "transcript" | "trace", file: string): TranscriptTarget {
  const format = given.one(`${what}-format`) ?? (file.endsWith(".jsonl") ? "json" : "text");
  if (format !== "text" && format !== "json") {
    throw new RequestError(`${what}-format`, `"${format}" is no format of a ${what}; it is text or json`);
  }
  if (file === "") return { format };
  try {
    Deno.writeFileSync(file, new Uint8Array());
  } catch (error) {
    throw new RequestError(what, `the ${what} cannot be written to ${file} (${(error as Error).message})`);
  }
  return { format, file };
}

/** Throws RequestError. */
function backendChoiceOf(given: Given): BackendChoice {
  const choice = given.one("backend") ?? "auto";
  if (backendChoices.includes(choice as BackendChoice)) return choice as BackendChoice;
  throw new RequestError(
    "backend",
    `there is no backend "${choice}"; the backends are ${backendChoices.join(", ")}`,
  );
}

/** The backend asked for; says on stderr what auto had to choose. Throws RequestError. */
export function bareBackendOf(given: Given, seed?: number): Backend {
  const tell = (sentence: string) => console.error(`velum: ${sentence}`);
  return chooseBackend(backendChoiceOf(given), given.one("host"), tell, seed);
}

/** The same with the transcript asked for. */
export function backendOf(given: Given, transcript = transcriptOf(given), seed?: number): Backend {
  return withTranscript(bareBackendOf(given, seed), transcript);
}
