// What a call needs to be made again elsewhere: its bytes, whole, and what of the guest's memory it depends on. A
// transcript's JSON form has it beside what people read.

import type { HostMemory } from "./backend.ts";
import { KVM_CREATE_DEVICE_TEST } from "./device_types.ts";
import { errno } from "./errno.ts";
import type { Bytes } from "./handle.ts";
import type { Ioctl } from "./ioctl.ts";
import * as calls from "./ioctls.ts";
import type { RunPage } from "./run_page.ts";
import * as layout from "./structs.ts";

/** Bytes are hexadecimal, in the order they lie in memory. */
export interface ReplayableCall {
  /** The descriptor it was made on. */
  readonly fd: number;
  /** The descriptor it made. */
  readonly made?: number;
  /** The integer, or the structure's bytes before the call, its pointer member left zero. */
  readonly argument: number | string;
  /** The bytes pointed to, before the call; of room for an answer only how many. */
  readonly pointee?: string | number;
  /** The bytes that the call answered with. */
  readonly gave?: string;
  /** Of KVM_SET_USER_MEMORY_REGION: which memory of the monitor's. */
  readonly memory?: MemoryPlace;
  /** Of KVM_RUN: what it went by beside the vcpu's registers. */
  readonly run?: RunInput;
}

export interface MemoryPlace {
  /** Names one allocation, as the address that it had. */
  readonly block: string;
  /** Bytes of the allocation. */
  readonly size: number;
  readonly offset: number;
  /** Whether KVM_RUN's lines tell what is in it. */
  readonly isKept: boolean;
}

export interface RunInput {
  readonly immediateExit: boolean;
  /** What the monitor answered the read with that the last exit was. */
  readonly answered?: string;
  /** Pages that changed since the last KVM_RUN, or since the allocation, which is zeros. */
  readonly pages: readonly { readonly block: string; readonly offset: number; readonly bytes: string }[];
}

/** Allocations up to this size are told page by page; a guest of `velum run` has more. */
const mostKept = 2 ** 20;
const pageSize = 4096;

export const toHex = (bytes: Uint8Array): string => bytes.toHex();
/** Throws SyntaxError. */
export const fromHex = (text: string): Bytes => Uint8Array.fromHex(text);

/** Calls whose pointer member points to room for an answer. */
const toRoom: readonly Ioctl[] = [
  calls.KVM_GET_ONE_REG,
  calls.KVM_GET_DEVICE_ATTR,
  calls.KVM_GET_DIRTY_LOG,
  calls.KVM_ARM_GET_REG_WRITABLE_MASKS,
];

/** Calls that answer in the structure itself. */
const toStructure: readonly Ioctl[] = [
  calls.KVM_GET_REG_LIST,
  calls.KVM_ARM_PREFERRED_TARGET,
  calls.KVM_GET_MP_STATE,
  calls.KVM_GET_VCPU_EVENTS,
];

type Before = Pick<ReplayableCall, "argument" | "pointee" | "memory" | "run">;

export class CallKeeper {
  readonly #blocks = new Map<string, { bytes: Uint8Array; known?: Uint8Array }>();

  /** Memory that a guest may be given. */
  know({ address, bytes }: HostMemory) {
    this.#blocks.set(nameOf(address), { bytes });
  }

  forget({ address }: HostMemory) {
    this.#blocks.delete(nameOf(address));
  }

  /** To be asked right before the call. */
  before(ioctl: Ioctl, argument: number | Bytes, pointee?: Bytes, page?: RunPage): Before {
    if (ioctl === calls.KVM_RUN) return { argument: argument as number, run: this.#runInput(page) };
    if (typeof argument === "number") return { argument };
    const memory = ioctl === calls.KVM_SET_USER_MEMORY_REGION ? this.#placeOf(argument) : undefined;
    return {
      argument: toHex(argument),
      ...pointee && { pointee: toRoom.includes(ioctl) ? pointee.length : toHex(pointee) },
      ...memory && { memory },
    };
  }

  /** To be asked right after it. */
  after(
    fd: number,
    ioctl: Ioctl,
    before: Before,
    argument: number | Bytes,
    pointee: Bytes | undefined,
    answer: number,
  ): ReplayableCall {
    if (ioctl === calls.KVM_RUN) this.#keptBlocks().forEach((block) => block.known = block.bytes.slice());
    const made = answer < 0 ? undefined : descriptorMade(ioctl, argument, answer);
    const gave = answerBytes(ioctl, argument, pointee, answer);
    return { fd, ...made !== undefined && { made }, ...before, ...gave && { gave: toHex(gave) } };
  }

  #keptBlocks() {
    return [...this.#blocks.values()].filter(({ bytes }) => bytes.length <= mostKept);
  }

  #placeOf(argument: Bytes): MemoryPlace | undefined {
    const { userspace_addr, memory_size } = layout.kvm_userspace_memory_region.unpack(argument);
    if (memory_size === 0n) return undefined;
    for (const [block, { bytes }] of this.#blocks) {
      const offset = userspace_addr - BigInt(block);
      if (offset < 0n || offset >= BigInt(bytes.length)) continue;
      return { block, size: bytes.length, offset: Number(offset), isKept: bytes.length <= mostKept };
    }
    return undefined;
  }

  #runInput(page?: RunPage): RunInput {
    const answered = page && page.mmioAnswer;
    const pages = [...this.#blocks].flatMap(([block, { bytes, known }]) =>
      bytes.length > mostKept ? [] : changedPages(bytes, known).map((offset) => ({
        block,
        offset,
        bytes: toHex(bytes.subarray(offset, offset + pageSize)),
      }))
    );
    return {
      immediateExit: page?.immediateExit ?? false,
      ...answered && { answered: toHex(answered) },
      pages,
    };
  }
}

const nameOf = (address: bigint) => "0x" + address.toString(16);

function changedPages(bytes: Uint8Array, known?: Uint8Array): number[] {
  const isSame = (offset: number) => {
    for (let n = offset; n < offset + pageSize && n < bytes.length; n++) {
      if (bytes[n] !== (known?.[n] ?? 0)) return false;
    }
    return true;
  };
  const count = Math.ceil(bytes.length / pageSize);
  return Array.from({ length: count }, (_, n) => n * pageSize).filter((offset) => !isSame(offset));
}

/** The descriptor that a call which went well made. */
export function descriptorMade(
  ioctl: Ioctl,
  argument: number | Bytes,
  answer: number,
): number | undefined {
  if (ioctl === calls.KVM_CREATE_VM || ioctl === calls.KVM_CREATE_VCPU) return answer;
  if (ioctl !== calls.KVM_CREATE_DEVICE) return undefined;
  const { fd, flags } = layout.kvm_create_device.unpack(argument as Bytes);
  return flags & KVM_CREATE_DEVICE_TEST ? undefined : fd;
}

/** What a call answered with beside its number: also the count of a list that was too long. */
export function answerBytes(
  ioctl: Ioctl,
  argument: number | Bytes,
  pointee: Bytes | undefined,
  answer: number,
): Bytes | undefined {
  const isTooLong = ioctl === calls.KVM_GET_REG_LIST && answer === -errno.E2BIG;
  if (answer < 0 && !isTooLong) return undefined;
  if (toRoom.includes(ioctl)) return pointee;
  return toStructure.includes(ioctl) && typeof argument !== "number" ? argument : undefined;
}
