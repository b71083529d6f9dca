// The last exits of a vcpu, for when its guest has died, and how many of each kind there were.

import { type Exit, exitReasonCount, exitReasons, type RunPage } from "../kvm/run_page.ts";

const kept = 16;

export class ExitHistory {
  #count = 0;
  // MMIO exits come by the million: noting one makes no object.
  readonly #reasons = new Uint32Array(kept);
  readonly #addresses = new Float64Array(kept);
  readonly #lengths = new Uint32Array(kept);
  readonly #isWrite = new Uint8Array(kept);
  readonly #data = new Uint32Array(2 * kept);
  readonly #counts: Float64Array;
  readonly #others: (Exit | undefined)[] = new Array(kept).fill(undefined);

  /** @param counts by KVM_EXIT_* number; see Counters */
  constructor(counts: Float64Array = new Float64Array(exitReasonCount)) {
    this.#counts = counts;
  }

  /** Counts a KVM_RUN that was interrupted. */
  noteInterrupt() {
    this.#counts[exitReasons.KVM_EXIT_INTR]!++;
  }

  /** Notes an MMIO exit that has been served, the answer to a read with it. */
  noteMmio(page: RunPage) {
    const at = this.#count++ % kept;
    this.#counts[exitReasons.KVM_EXIT_MMIO]!++;
    this.#reasons[at] = exitReasons.KVM_EXIT_MMIO;
    this.#addresses[at] = page.mmioAddress;
    this.#lengths[at] = page.mmioLength;
    this.#isWrite[at] = page.mmioIsWrite ? 1 : 0;
    this.#data[2 * at] = page.mmioData(0);
    this.#data[2 * at + 1] = page.mmioData(1);
  }

  /** Notes any other exit. */
  note(exit: Exit) {
    const at = this.#count++ % kept;
    this.#counts[exitReasons[exit.reason]]!++;
    this.#reasons[at] = exitReasons.KVM_EXIT_UNKNOWN;
    this.#others[at] = exit;
  }

  /** In words, the oldest first. */
  lines(): string[] {
    const length = Math.min(this.#count, kept);
    return Array.from({ length }, (_, n) => this.#line((this.#count - length + n) % kept));
  }

  #line(at: number): string {
    if (this.#reasons[at] !== exitReasons.KVM_EXIT_MMIO) return describe(this.#others[at]!);
    const bytes = this.#lengths[at]!;
    const value = BigInt(this.#data[2 * at + 1]!) << 32n | BigInt(this.#data[2 * at]!);
    const access = `${8 * bytes}-bit ${this.#isWrite[at] ? "write" : "read"}`;
    const address = "0x" + this.#addresses[at]!.toString(16);
    return `KVM_EXIT_MMIO: ${access} at ${address} = ${hex(BigInt.asUintN(8 * bytes, value))}`;
  }
}

const hex = (value: bigint) => "0x" + value.toString(16);

function describe({ reason, ...rest }: Exit): string {
  const told = Object.entries(rest).map(([name, value]) => {
    const list = Array.isArray(value) ? value : [value];
    return `${name} ${
      list.map((one) => typeof one === "bigint" ? hex(one) : String(one)).join(" ") || "none"
    }`;
  });
  return told.length ? `${reason}: ${told.join(", ")}` : reason;
}
