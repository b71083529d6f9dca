// What can be watched of a running guest, on whatever backend: events, each with where its vcpu was, as a line of
// text or as JSON.

/** `misuse`: what the guest may not do to a device; `mmio`: every access that comes to the monitor. */
export const traceKinds = ["insn", "exception", "irq", "tlb", "psci", "mmio", "misuse"] as const;
export type TraceKind = (typeof traceKinds)[number];

/** Where a vcpu is: what is not known is left out. */
export interface Place {
  readonly vcpu?: number;
  /** Instructions it has begun. */
  readonly instructions?: number;
  readonly pc?: bigint;
  readonly el?: number;
}

/** For JSON: numbers of more than 53 bits are hexadecimal text. */
export type Details = Readonly<Record<string, unknown>>;

export interface TraceEvent {
  readonly kind: TraceKind;
  readonly place: Place;
  /** What happened, in words. */
  readonly text: string;
  readonly details: Details;
}

/** As `main+0x10`; undefined where no symbol is near. */
export type NameAddress = (address: bigint) => string | undefined;

/** Which events, and from when to when. */
export interface TraceBounds {
  readonly kinds: readonly TraceKind[];
  /** Nothing is told before an instruction at this address is about to run. */
  readonly from?: bigint | undefined;
  /** So many events at most, of all vcpus together. */
  readonly limit?: number | undefined;
  /** `traceProgressBytes`, shared by all isolates of the machine. */
  readonly progress: SharedArrayBuffer;
}

const progressWord = { told: 0, hasBegun: 1 } as const;
export const traceProgressBytes = 8;

/** Takes one isolate's events. */
export class Trace {
  /** Set by whoever runs a vcpu here. */
  place: () => Place = () => ({});
  readonly #progress: Int32Array;
  #held: TraceEvent[] | undefined;
  #isOver = false;

  constructor(readonly bounds: TraceBounds, readonly write: (event: TraceEvent) => void) {
    this.#progress = new Int32Array(bounds.progress);
    if (bounds.from === undefined) this.begin();
  }

  has(kind: TraceKind): boolean {
    return this.bounds.kinds.includes(kind);
  }

  /** Whether `from` is still to come. */
  get isWaiting(): boolean {
    return Atomics.load(this.#progress, progressWord.hasBegun) === 0;
  }

  begin() {
    Atomics.store(this.#progress, progressWord.hasBegun, 1);
  }

  /** Whether the limit is reached. */
  get isOver(): boolean {
    return this.#isOver;
  }

  tell(kind: TraceKind, text: string, details: Details, place = this.place()) {
    if (this.isWaiting) return;
    const event = { kind, place, text, details };
    if (this.#held) this.#held.push(event);
    else this.#pass(event);
  }

  /** Keeps what is told until `release`. */
  hold() {
    this.#held ??= [];
  }

  release() {
    const held = this.#held ?? [];
    this.#held = undefined;
    held.forEach((event) => this.#pass(event));
  }

  /** Tells this before all that is held: what an instruction causes is told after the instruction. */
  releaseAfter(kind: TraceKind, text: string, details: Details, place: Place) {
    if (!this.isWaiting) this.#pass({ kind, place, text, details });
    this.release();
  }

  #pass(event: TraceEvent) {
    if (this.#isOver) return;
    const { limit = Infinity } = this.bounds;
    const number = Atomics.add(this.#progress, progressWord.told, 1);
    this.#isOver = number + 1 >= limit;
    if (number < limit) this.write(event);
  }
}

const hex = (value: bigint) => "0x" + value.toString(16);

/** `insn: vcpu 0 #12 EL1 0x40080010 <main+0x10>: add x0, x0, #0x1`. */
export function formatTraceEvent({ kind, place, text }: TraceEvent, nameAddress: NameAddress): string {
  const { vcpu, instructions, pc, el } = place;
  const name = pc === undefined ? undefined : nameAddress(pc);
  const words = [
    vcpu === undefined ? "" : `vcpu ${vcpu}`,
    instructions === undefined ? "" : `#${instructions}`,
    el === undefined ? "" : `EL${el}`,
    pc === undefined ? "" : hex(pc),
    name === undefined ? "" : `<${name}>`,
  ].filter(Boolean);
  return [kind, ...words.length ? [words.join(" ")] : [], text].join(": ");
}

/** An object of one line. */
export function traceEventAsJson(
  { kind, place, details }: TraceEvent,
  nameAddress: NameAddress,
): string {
  const { pc, ...rest } = place;
  const symbol = pc === undefined ? undefined : nameAddress(pc);
  return JSON.stringify({
    event: kind,
    ...rest,
    ...pc === undefined ? {} : { pc: hex(pc) },
    ...symbol === undefined ? {} : { symbol },
    ...details,
  });
}
