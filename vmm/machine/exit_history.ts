// The last exits of a vcpu, for when its guest has died, and how many of each kind there were.

import { Tally } from "../../devices/tally.ts";
import {
  type Exit,
  exitReasonCount,
  exitReasons,
  type MmioExit,
  mmioOf,
  mmioWords,
  type RunPage,
} from "../kvm/run_page.ts";

const kept = 16;
/** Words of a place: whether an MMIO exit is noted there, and that exit. */
const placeWords = 1 + mmioWords;

export class ExitHistory {
  /** Where the next one is noted, and whether all places are taken. */
  #next = 0;
  #isFull = false;
  // MMIO exits come by the million: noting one copies what the page says, and makes no object.
  readonly #mmio = new Int32Array(kept * placeWords);
  readonly #others: (Exit | undefined)[] = new Array(kept).fill(undefined);

  /** @param counts by KVM_EXIT_* number; see Counters */
  constructor(readonly counts = new Tally(exitReasonCount)) {}

  /** Counts a KVM_RUN that was interrupted. */
  noteInterrupt() {
    this.counts.count(exitReasons.KVM_EXIT_INTR);
  }

  /** Notes an MMIO exit that has been served, the answer to a read with it. */
  noteMmio(page: RunPage) {
    this.counts.count(exitReasons.KVM_EXIT_MMIO);
    const at = this.#place() * placeWords;
    this.#mmio[at] = 1;
    page.copyMmio(this.#mmio, at + 1);
  }

  #place(): number {
    const at = this.#next;
    this.#next = at + 1 & kept - 1;
    if (this.#next === 0) this.#isFull = true;
    return at;
  }

  /** Notes any other exit. */
  note(exit: Exit) {
    this.counts.count(exitReasons[exit.reason]);
    const at = this.#place();
    this.#mmio[at * placeWords] = 0;
    this.#others[at] = exit;
  }

  /** In words, the oldest first. */
  lines(): string[] {
    const length = this.#isFull ? kept : this.#next;
    return Array.from({ length }, (_, n) => this.#line(this.#next - length + n & kept - 1));
  }

  #line(at: number): string {
    const words = at * placeWords;
    if (this.#mmio[words] === 0) return describe(this.#others[at]!);
    return describeMmio(mmioOf(this.#mmio, words + 1));
  }
}

const hex = (value: bigint) => "0x" + value.toString(16);

function describeMmio({ address, length, isWrite, data }: MmioExit): string {
  const value = data.reduceRight((all, byte) => all << 8n | BigInt(byte), 0n);
  return `KVM_EXIT_MMIO: ${8 * length}-bit ${isWrite ? "write" : "read"} at ${hex(address)} = ${hex(value)}`;
}

function describe({ reason, ...rest }: Exit): string {
  const told = Object.entries(rest).map(([name, value]) => {
    const list = Array.isArray(value) ? value : [value];
    return `${name} ${
      list.map((one) => typeof one === "bigint" ? hex(one) : String(one)).join(" ") || "none"
    }`;
  });
  return told.length ? `${reason}: ${told.join(", ")}` : reason;
}
