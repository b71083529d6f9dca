// Where a trace goes, and what an isolate of a machine needs to add to it. Every isolate writes its own events, one
// whole line at a time, as with transcripts.

import { nameAddressBy, type NamedAddress, symbolsOf } from "../../guest/symbols.ts";
import type { Backend } from "../kvm/backend.ts";
import { RequestError } from "../kvm/request_error.ts";
import {
  formatTraceEvent,
  Trace,
  type TraceBounds,
  traceEventAsJson,
  type TraceKind,
  traceProgressBytes,
} from "../kvm/trace.ts";
import { lineWriter } from "./line_writer.ts";
import type { TranscriptTarget } from "./transcript_output.ts";

export interface TraceRequest {
  readonly kinds: readonly TraceKind[];
  readonly target: TranscriptTarget;
  /** Nothing is told before an instruction at this address, or symbol of the guest's image, is about to run. */
  readonly from?: bigint | string | undefined;
  /** So many events at most. */
  readonly limit?: number | undefined;
}

/** What KVM's guests do without the monitor. */
const unseenOnKvm: readonly TraceKind[] = ["insn", "exception", "irq", "tlb"];

/** Throws RequestError for what the backend cannot show. */
export function checkTrace({ kinds, from }: TraceRequest, { name }: Backend) {
  if (name !== "kvm") return;
  const unseen = kinds.filter((kind) => unseenOnKvm.includes(kind));
  const why = "the processor executes a guest of KVM unseen; give --backend interpreter";
  if (unseen.length) throw new RequestError("trace", `${unseen.join(", ")} cannot be traced on KVM: ${why}`);
  if (from !== undefined) throw new RequestError("trace-from", `--trace-from needs the interpreter: ${why}`);
}

export interface TraceJob {
  readonly bounds: TraceBounds;
  readonly target: TranscriptTarget;
  /** Of the guest's image, in ascending order. */
  readonly symbols: readonly NamedAddress[];
}

/** @param image the guest's, for its symbols; firmware has none. Throws RequestError. */
export function traceJob(
  { kinds, target, from, limit }: TraceRequest,
  image: Uint8Array | undefined,
): TraceJob {
  const symbols = image ? symbolsOf(image) : [];
  const progress = new SharedArrayBuffer(traceProgressBytes);
  return { bounds: { kinds, from: addressOf(from, symbols), limit, progress }, target, symbols };
}

function addressOf(from: bigint | string | undefined, symbols: readonly NamedAddress[]): bigint | undefined {
  if (typeof from !== "string") return from;
  const symbol = symbols.find(({ name }) => name === from);
  if (symbol) return symbol.address;
  throw new RequestError(
    "trace-from",
    symbols.length
      ? `the guest's image has no symbol "${from}"`
      : `"${from}" is no address, and the guest's image has no symbols; give an address as 0x40080000`,
  );
}

export function traceTo({ bounds, target, symbols }: TraceJob): Trace {
  const write = lineWriter(target.file);
  const name = nameAddressBy(symbols);
  const format = target.format === "json" ? traceEventAsJson : formatTraceEvent;
  return new Trace(bounds, (event) => write(format(event, name)));
}
