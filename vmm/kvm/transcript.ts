// A recorder that wraps a backend and tells every call: on which handle, with what arguments, what the answer
// was and what the kernel's document says of it. It sees the seam, so it is the same for every backend.

import type { Backend } from "./backend.ts";
import { capabilityName } from "./capabilities.ts";
import { deviceTypes, KVM_CREATE_DEVICE_TEST } from "./device_types.ts";
import { errnoName } from "./errno.ts";
import { featureName, featureNames } from "./features.ts";
import type { Ioctl } from "./ioctl.ts";
import * as calls from "./ioctls.ts";
import { meaningOf } from "./kvm_error.ts";
import { KVM_REG_ARM64_SVE_VLS, registerIdOf, registerName } from "./register_id.ts";
import { CallKeeper, type ReplayableCall } from "./replayable_call.ts";
import { RunPage } from "./run_page.ts";
import * as layout from "./structs.ts";
import { formatLengths, lengthsOfVls } from "./vector_lengths.ts";

export interface TranscriptEntry {
  /** `system`, `VM`, `vcpu 0`, or a device's type. */
  readonly handle: string;
  readonly ioctl: string;
  readonly arguments: Readonly<Record<string, string | number>>;
  /** What the call gave back beside its answer. */
  readonly gives: Readonly<Record<string, string | number>>;
  /** The result, or the error's name. */
  readonly answer: number | string;
  readonly meaning: string;
  /** What it takes to make the call again; where `recorded` was asked for it. */
  readonly call?: ReplayableCall;
}

type Told = Record<string, string | number>;
type Bytes = Uint8Array<ArrayBuffer>;
type Descriptors = Iterable<readonly [number, string]>;

/**
 * The same backend, telling each call to `tell`.
 * @param known descriptors that another isolate opened, and what to call them
 * @param isReplayable whether entries are to have what it takes to make their calls again
 */
export function recorded(
  backend: Backend,
  tell: (entry: TranscriptEntry) => void,
  known: Descriptors = [],
  isReplayable = false,
): Backend {
  const labels = new Map(known);
  const pages = new Map<number, RunPage>();
  const keeper = isReplayable ? new CallKeeper() : undefined;
  return {
    ...backend,
    openSystem() {
      const fd = backend.openSystem();
      labels.set(fd, "system");
      return fd;
    },
    mapRunPage(fd, size) {
      const buffer = backend.mapRunPage(fd, size);
      pages.set(fd, new RunPage(buffer));
      return buffer;
    },
    close(fd) {
      backend.close(fd);
      labels.delete(fd);
      pages.delete(fd);
    },
    allocate(size) {
      const memory = backend.allocate(size);
      keeper?.know(memory);
      return memory;
    },
    memoryAt(address, size) {
      const bytes = backend.memoryAt(address, size);
      keeper?.know({ address, bytes });
      return bytes;
    },
    free(memory) {
      keeper?.forget(memory);
      backend.free(memory);
    },
    ioctl(fd, ioctl, argument, pointee) {
      const given = tellArguments(ioctl, argument, pointee);
      const before = keeper?.before(ioctl, argument, pointee, pages.get(fd));
      const answer = backend.ioctl(fd, ioctl, argument, pointee);
      const isError = answer < 0;
      const made = isError ? undefined : newLabel(ioctl, argument, answer);
      if (made) labels.set(...made);
      tell({
        handle: labels.get(fd) ?? `descriptor ${fd}`,
        ioctl: ioctl.name,
        arguments: given,
        gives: isError ? {} : tellOutput(ioctl, argument, pointee, pages.get(fd)),
        answer: isError ? errnoName(-answer) : answer,
        meaning: isError ? meaningOf(ioctl, -answer) : ioctl.does,
        ...before && { call: keeper!.after(fd, ioctl, before, argument, pointee, answer) },
      });
      return answer;
    },
  };
}

/** One line: `vcpu 0: KVM_ARM_VCPU_FINALIZE(feature KVM_ARM_VCPU_SVE) = 0; ends the configuration …`. */
export const formatEntry = (entry: TranscriptEntry): string => `${formatCall(entry)}; ${entry.meaning}`;

/** The same without its meaning. */
export function formatCall({ handle, ioctl, arguments: given, ...entry }: TranscriptEntry): string {
  return `${handle}: ${ioctl}(${list(given)}) = ${formatAnswer(entry)}`;
}

/** `0 -> value 0x10`, `EPERM`. */
export function formatAnswer({ answer, gives }: Pick<TranscriptEntry, "answer" | "gives">): string {
  return Object.keys(gives).length ? `${answer} -> ${list(gives)}` : String(answer);
}

const list = (told: Told) => Object.entries(told).map(([key, value]) => `${key} ${value}`).join(", ");

function newLabel(ioctl: Ioctl, argument: number | Bytes, answer: number): [number, string] | undefined {
  if (ioctl === calls.KVM_CREATE_VM) return [answer, "VM"];
  if (ioctl === calls.KVM_CREATE_VCPU) return [answer, `vcpu ${argument}`];
  if (ioctl !== calls.KVM_CREATE_DEVICE) return undefined;
  const { type, fd, flags } = layout.kvm_create_device.unpack(argument as Bytes);
  return flags & KVM_CREATE_DEVICE_TEST ? undefined : [fd, deviceName(type)];
}

const deviceName = (type: number) =>
  Object.entries(deviceTypes).find(([, number]) => number === type)?.[0] ?? `device type ${type}`;

/** Calls that point to room for an answer; what lies there before is not an argument. */
const pointToRoom: readonly Ioctl[] = [
  calls.KVM_GET_DEVICE_ATTR,
  calls.KVM_GET_DIRTY_LOG,
  calls.KVM_ARM_GET_REG_WRITABLE_MASKS,
];

const registerCalls: readonly Ioctl[] = [calls.KVM_GET_ONE_REG, calls.KVM_SET_ONE_REG];

function tellArguments(ioctl: Ioctl, argument: number | Bytes, pointee?: Bytes): Told {
  if (typeof argument === "number") return tellInteger(ioctl, argument);
  if (registerCalls.includes(ioctl)) {
    const id = layout.kvm_one_reg.unpack(argument).id;
    const value = ioctl === calls.KVM_SET_ONE_REG ? tellRegister(id, pointee) : {};
    return { register: registerName(registerIdOf(id)), ...value };
  }
  if (ioctl === calls.KVM_ARM_VCPU_INIT) return tellInit(argument);
  if (ioctl === calls.KVM_ARM_VCPU_FINALIZE) return { feature: featureName(firstWord(argument)) };
  if (ioctl === calls.KVM_CREATE_DEVICE) {
    const { type, flags } = layout.kvm_create_device.unpack(argument);
    return { type: deviceName(type), flags };
  }
  if (ioctl === calls.KVM_ENABLE_CAP) return { cap: capabilityName(firstWord(argument)) };
  const fromKernel = ioctl.name.includes("_GET_") && ioctl.pointer === undefined ||
    ioctl === calls.KVM_ARM_PREFERRED_TARGET;
  return fromKernel ? {} : tellStruct(ioctl, argument, pointee);
}

function tellInteger(ioctl: Ioctl, argument: number): Told {
  if (ioctl.argument === "none") return {};
  if (ioctl === calls.KVM_CHECK_EXTENSION) return { capability: capabilityName(argument) };
  if (ioctl === calls.KVM_CREATE_VM) return { "address bits": argument || 40 };
  return { index: argument };
}

function tellOutput(ioctl: Ioctl, argument: number | Bytes, pointee?: Bytes, page?: RunPage): Told {
  if (ioctl === calls.KVM_RUN) return page ? tellExit(page) : {};
  if (typeof argument === "number") return {};
  if (ioctl === calls.KVM_GET_ONE_REG) return tellRegister(layout.kvm_one_reg.unpack(argument).id, pointee);
  if (ioctl === calls.KVM_ARM_PREFERRED_TARGET) return tellInit(argument);
  if (ioctl === calls.KVM_GET_REG_LIST) return { registers: Number(layout.kvm_reg_list.unpack(argument).n) };
  if (ioctl === calls.KVM_GET_DEVICE_ATTR) return { value: hex(pointee) };
  if (ioctl === calls.KVM_GET_DIRTY_LOG) return { "pages written": pointee ? bitsSet(pointee) : 0 };
  const isAnswer = ioctl === calls.KVM_GET_MP_STATE || ioctl === calls.KVM_GET_VCPU_EVENTS;
  return isAnswer ? tellStruct(ioctl, argument) : {};
}

const firstWord = (bytes: Bytes) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);

function tellInit(argument: Bytes): Told {
  const { target, features } = layout.kvm_vcpu_init.unpack(argument);
  return { target, features: featureNames(features).join("|") || "none" };
}

function tellRegister(id: bigint, value?: Bytes): Told {
  if (!value) return {};
  return { value: id === KVM_REG_ARM64_SVE_VLS ? formatLengths(lengthsOfVls(value)) : hex(value) };
}

/** Bytes as one little-endian number. */
function hex(bytes?: Bytes): string {
  if (!bytes?.length) return "none";
  const digits = Array.from(bytes).reverse().map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return "0x" + (digits.replace(/^0+/, "") || "0");
}

function bitsSet(bytes: Bytes): number {
  return bytes.reduce((count, byte) => count + byte.toString(2).replaceAll("0", "").length, 0);
}

function tellStruct(ioctl: Ioctl, argument: Bytes, pointee?: Bytes): Told {
  if (typeof ioctl.argument === "string") return {};
  const told: Told = {};
  for (const [key, value] of Object.entries(ioctl.argument.unpack(argument))) {
    if (/^(pad|reserved)/.test(key)) continue;
    if (key === ioctl.pointer && pointToRoom.includes(ioctl)) continue;
    if (Array.isArray(value) && value.every((element) => BigInt(element as number | bigint) === 0n)) continue;
    told[key] = key === ioctl.pointer ? hex(pointee) : tellValue(value);
  }
  return told;
}

function tellValue(value: unknown): string | number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return "0x" + value.toString(16);
  if (Array.isArray(value)) return `[${value.map(tellValue).join(" ")}]`;
  const members = Object.entries(value as Record<string, unknown>).filter(([key]) => !/^pad/.test(key));
  return `{${members.map(([key, member]) => `${key} ${tellValue(member)}`).join(", ")}}`;
}

function tellExit(page: RunPage): Told {
  const exit = page.exit();
  if (exit.reason === "KVM_EXIT_MMIO") {
    const access = `${8 * exit.length}-bit ${exit.isWrite ? "write" : "read"}`;
    const told = { exit: exit.reason, access, address: tellValue(exit.address) };
    return exit.isWrite ? { ...told, data: hex(Uint8Array.from(exit.data)) } : told;
  }
  const { reason, ...rest } = exit;
  const told: Told = { exit: reason };
  for (const [key, value] of Object.entries(rest)) {
    told[key] = typeof value === "boolean" || typeof value === "string" ? String(value) : tellValue(value);
  }
  return told;
}
