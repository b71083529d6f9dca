// The page a vcpu shares with its monitor (KVM document, "5. The kvm_run structure"), decoded into exits.
// The run loop reads an MMIO exit through the plain number accessors; every other exit is rare and decoded
// into an object.

import { exits, kvm_run } from "./structs.ts";

/** linux/kvm.h, KVM_EXIT_*: those an arm64 host gives. */
export const exitReasons = {
  KVM_EXIT_UNKNOWN: 0,
  KVM_EXIT_HYPERCALL: 3,
  KVM_EXIT_DEBUG: 4,
  KVM_EXIT_MMIO: 6,
  KVM_EXIT_FAIL_ENTRY: 9,
  KVM_EXIT_INTR: 10,
  KVM_EXIT_INTERNAL_ERROR: 17,
  KVM_EXIT_SYSTEM_EVENT: 24,
  KVM_EXIT_ARM_NISV: 28,
  KVM_EXIT_MEMORY_FAULT: 39,
} as const;

/** Every number of `exitReasons` is below this. */
export const exitReasonCount = 40;

/** linux/kvm.h, KVM_INTERNAL_ERROR_*: suberrors of KVM_EXIT_INTERNAL_ERROR. */
export const internalErrors = {
  KVM_INTERNAL_ERROR_EMULATION: 1,
  KVM_INTERNAL_ERROR_SIMUL_EX: 2,
  KVM_INTERNAL_ERROR_DELIVERY_EV: 3,
  KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON: 4,
} as const;

/** linux/kvm.h, KVM_SYSTEM_EVENT_*. */
export const systemEvents = {
  KVM_SYSTEM_EVENT_SHUTDOWN: 1,
  KVM_SYSTEM_EVENT_RESET: 2,
  KVM_SYSTEM_EVENT_CRASH: 3,
  KVM_SYSTEM_EVENT_WAKEUP: 4,
  KVM_SYSTEM_EVENT_SUSPEND: 5,
} as const;

export type SystemEvent = keyof typeof systemEvents | `system event ${number}`;

export interface MmioExit {
  readonly reason: "KVM_EXIT_MMIO";
  readonly address: bigint;
  /** Bytes. */
  readonly length: number;
  readonly isWrite: boolean;
  readonly data: number[];
}

export type Exit =
  | MmioExit
  | { reason: "KVM_EXIT_SYSTEM_EVENT"; event: SystemEvent; data: bigint[] }
  | { reason: "KVM_EXIT_INTR" }
  | { reason: "KVM_EXIT_DEBUG"; esr: bigint; far: bigint }
  | { reason: "KVM_EXIT_FAIL_ENTRY"; hardwareReason: bigint; cpu: number }
  | { reason: "KVM_EXIT_INTERNAL_ERROR"; suberror: number; data: bigint[] }
  | { reason: "KVM_EXIT_HYPERCALL"; number: bigint; args: bigint[]; flags: bigint }
  | { reason: "KVM_EXIT_ARM_NISV"; esrIss: bigint; faultIpa: bigint }
  | { reason: "KVM_EXIT_MEMORY_FAULT"; flags: bigint; address: bigint; size: bigint }
  | { reason: "KVM_EXIT_UNKNOWN"; number: number; hardwareReason: bigint };

const union = kvm_run.size;
const mmioAt = union + exits.mmio.offsets.phys_addr;
const mmioData = union + exits.mmio.offsets.data;
const mmioLength = union + exits.mmio.offsets.len;
const mmioIsWrite = union + exits.mmio.offsets.is_write;

/** Words of an MMIO exit's part of the page, which `RunPage.copyMmio` copies. */
export const mmioWords = Math.ceil(exits.mmio.size / 4);

export class RunPage {
  readonly #bytes: Uint8Array;
  /** Of 32 bits: every host that there is is little-endian. */
  readonly #words: Int32Array;
  readonly #view: DataView;

  constructor(readonly buffer: ArrayBufferLike) {
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
    this.#view = new DataView(buffer);
  }

  /** Whether KVM_RUN is to return at once with EINTR; set by any isolate, cleared by the vcpu's own. */
  set immediateExit(value: boolean) {
    Atomics.store(this.#bytes, kvm_run.offsets.immediate_exit, value ? 1 : 0);
  }

  get immediateExit(): boolean {
    return Atomics.load(this.#bytes, kvm_run.offsets.immediate_exit) !== 0;
  }

  /** The number of the last exit, one of `exitReasons`. */
  get exitReason(): number {
    return this.#words[kvm_run.offsets.exit_reason >> 2]! >>> 0;
  }

  /** The guest-physical address of an MMIO exit. KVM's address spaces stay below 2^52, so it is exact. */
  get mmioAddress(): number {
    const low = this.#words[mmioAt >> 2]!, high = this.#words[mmioAt + 4 >> 2]!;
    // Small ones stay integers, which the run loop has nothing else of on most machines.
    return high === 0 && low >= 0 ? low : (low >>> 0) + high * 2 ** 32;
  }

  /** Bytes of an MMIO exit: 1, 2, 4 or 8. */
  get mmioLength(): number {
    return this.#words[mmioLength >> 2]!;
  }

  get mmioIsWrite(): boolean {
    return this.#bytes[mmioIsWrite] !== 0;
  }

  /** The low (`word` 0) or high (1) 32 bits of an MMIO exit's data; bytes beyond its length are zero. */
  mmioData(word: 0 | 1): number {
    return this.#words[(mmioData >> 2) + word]! >>> 0;
  }

  setMmioData(word: 0 | 1, value: number) {
    this.#words[(mmioData >> 2) + word] = value;
  }

  /** What the page says of an MMIO exit, to be read by `mmioOf`. */
  copyMmio(to: Int32Array, at: number) {
    for (let n = 0; n < mmioWords; n++) to[at + n] = this.#words[(mmioAt >> 2) + n]!;
  }

  /** What a read that the last exit was is answered with; none of any other exit. */
  get mmioAnswer(): Uint8Array | undefined {
    if (this.exitReason !== exitReasons.KVM_EXIT_MMIO || this.mmioIsWrite) return undefined;
    return this.#bytes.slice(mmioData, mmioData + Math.min(this.mmioLength, 8));
  }

  /** To be called between the exit for a read and the next KVM_RUN. */
  answerMmio(bytes: Uint8Array) {
    this.#bytes.set(bytes.subarray(0, 8), mmioData);
  }

  exit(): Exit {
    const number = this.exitReason;
    const decode = decoders[number];
    if (decode) return decode(this.#view);
    const { hardware_exit_reason } = exits.hw.read(this.#view, union);
    return { reason: "KVM_EXIT_UNKNOWN", number, hardwareReason: hardware_exit_reason };
  }
}

/** The MMIO exit that `copyMmio` copied there. */
export const mmioOf = (words: Int32Array, at: number): MmioExit =>
  mmioIn(new DataView(words.buffer, words.byteOffset), 4 * at);

function mmioIn(view: DataView, at: number): MmioExit {
  const { phys_addr, data, len, is_write } = exits.mmio.read(view, at);
  const length = Math.min(len, data.length);
  return {
    reason: "KVM_EXIT_MMIO",
    address: phys_addr,
    length,
    isWrite: is_write !== 0,
    data: data.slice(0, length),
  };
}

const eventNames = new Map(Object.entries(systemEvents).map(([name, type]) => [type as number, name]));

const decoders: Record<number, (view: DataView) => Exit> = {
  [exitReasons.KVM_EXIT_MMIO]: (view) => mmioIn(view, union),
  [exitReasons.KVM_EXIT_SYSTEM_EVENT]: (view) => {
    const { type, ndata, data } = exits.system_event.read(view, union);
    const event = (eventNames.get(type) ?? `system event ${type}`) as SystemEvent;
    return { reason: "KVM_EXIT_SYSTEM_EVENT", event, data: data.slice(0, ndata) };
  },
  [exitReasons.KVM_EXIT_INTR]: () => ({ reason: "KVM_EXIT_INTR" }),
  [exitReasons.KVM_EXIT_DEBUG]: (view) => {
    const { hsr, hsr_high, far } = exits.debug.read(view, union);
    return { reason: "KVM_EXIT_DEBUG", esr: BigInt(hsr_high) << 32n | BigInt(hsr), far };
  },
  [exitReasons.KVM_EXIT_FAIL_ENTRY]: (view) => {
    const { hardware_entry_failure_reason, cpu } = exits.fail_entry.read(view, union);
    return { reason: "KVM_EXIT_FAIL_ENTRY", hardwareReason: hardware_entry_failure_reason, cpu };
  },
  [exitReasons.KVM_EXIT_INTERNAL_ERROR]: (view) => {
    const { suberror, ndata, data } = exits.internal.read(view, union);
    return { reason: "KVM_EXIT_INTERNAL_ERROR", suberror, data: data.slice(0, ndata) };
  },
  [exitReasons.KVM_EXIT_HYPERCALL]: (view) => {
    const { nr, args, flags } = exits.hypercall.read(view, union);
    return { reason: "KVM_EXIT_HYPERCALL", number: nr, args, flags };
  },
  [exitReasons.KVM_EXIT_ARM_NISV]: (view) => {
    const { esr_iss, fault_ipa } = exits.arm_nisv.read(view, union);
    return { reason: "KVM_EXIT_ARM_NISV", esrIss: esr_iss, faultIpa: fault_ipa };
  },
  [exitReasons.KVM_EXIT_MEMORY_FAULT]: (view) => {
    const { flags, gpa, size } = exits.memory_fault.read(view, union);
    return { reason: "KVM_EXIT_MEMORY_FAULT", flags, address: gpa, size };
  },
};
