// Where a transcript goes. Every isolate of a machine writes its own calls, one whole line at a time, so the
// lines of several vcpus mix but never tear.

import type { Backend } from "../kvm/backend.ts";
import { lineWriter } from "./line_writer.ts";
import { formatEntry, recorded, type TranscriptEntry } from "../kvm/transcript.ts";

export interface TranscriptTarget {
  readonly format: "text" | "json";
  /** Without a file, stderr. */
  readonly file?: string | undefined;
}

/** The backend with a transcript of its calls; without a target, itself. */
export function withTranscript(
  backend: Backend,
  target: TranscriptTarget | undefined,
  known?: Iterable<readonly [number, string]>,
): Backend {
  if (!target) return backend;
  const write = lineWriter(target.file);
  const isJson = target.format === "json";
  const format = isJson ? (entry: TranscriptEntry) => JSON.stringify(entry) : formatEntry;
  return recorded(backend, (entry) => write(format(entry)), known, isJson);
}
