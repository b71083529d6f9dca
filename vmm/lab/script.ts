// A script of contract calls, one a line, in any order: `vcpu 0 init SVE`, `vcpu 0 run expect EPERM`. What a line
// needs and nobody made, a VM or a vcpu, is made for it. Wrong orders are what scripts are for, so a refusal is an
// answer as good as any.

import type { Backend, HostMemory } from "../kvm/backend.ts";
import { errno } from "../kvm/errno.ts";
import type { Bytes } from "../kvm/handle.ts";
import type { HostOffer } from "../kvm/host_offer.ts";
import type { Ioctl } from "../kvm/ioctl.ts";
import * as calls from "../kvm/ioctls.ts";
import { descriptorMade } from "../kvm/replayable_call.ts";
import { RequestError } from "../kvm/request_error.ts";
import { exitReasons, RunPage } from "../kvm/run_page.ts";
import * as layout from "../kvm/structs.ts";
import { deviceTypes } from "../kvm/device_types.ts";
import type { RunLimit } from "../machine/run_limit.ts";
import { bitmapSize, withKernelRoom } from "./kernel_room.ts";
import { parseRegisterValue } from "./register_value.ts";
import { atLine } from "./replay.ts";
import {
  createDevice,
  type PlannedCall,
  type PlannedStore,
  type ScriptHandle,
  scriptVerbs,
} from "./script_calls.ts";
import { Words, wrong } from "./script_words.ts";

export interface ScriptLine {
  readonly number: number;
  /** Without its comment. */
  readonly text: string;
  readonly handle: ScriptHandle;
  readonly act: PlannedCall | PlannedStore;
  readonly expected: Expectation | undefined;
}

/** What a line says its answer will be. */
export interface Expectation {
  readonly text: string;
  /** Of KVM_GET_ONE_REG: the register's value. */
  readonly value?: Bytes;
}

/** Throws RequestError naming file and line. */
export function parseScript(file: string, text: string): ScriptLine[] {
  const lines = text.split("\n").flatMap((line, index) => {
    const words = line.replace(/#.*/, "").trim().split(/\s+/).filter(Boolean);
    return words.length ? [atLine(file, index + 1, () => parseLine(index + 1, words))] : [];
  });
  if (lines.length) return lines;
  throw new RequestError("script", `${file} has no line with a call; one is as "vcpu 0 init SVE"`);
}

function parseLine(number: number, all: string[]): ScriptLine {
  const text = all.join(" ");
  const at = all.lastIndexOf("expect");
  if (at === all.length - 1) wrong("what is expected is missing");
  if (at >= 0 && at < all.length - 2) wrong(`one word follows "expect", as in "expect EPERM"`);
  const expected = at < 0 ? undefined : all.at(-1)!;
  const words = new Words(at < 0 ? all : all.slice(0, at));
  const kind = words.next("handle");
  if (!Object.hasOwn(scriptVerbs, kind)) {
    wrong(`"${kind}" is no handle; a line begins with ${Object.keys(scriptVerbs).join(", ")}`);
  }
  const handle = kind === "vcpu" ? `vcpu ${words.number("number of a vcpu")}` as const : kind as ScriptHandle;
  const verbs = scriptVerbs[kind as keyof typeof scriptVerbs];
  const name = words.next("call");
  const verb = Object.hasOwn(verbs, name) ? verbs[name]! : undefined;
  if (!verb) return wrong(`"${kind}" has no call "${name}"; it has ${Object.keys(verbs).join(", ")}`);
  try {
    const act = verb.plan(words);
    words.end();
    return {
      number,
      text,
      handle,
      act,
      expected: expected === undefined ? undefined : expectationOf(act, expected),
    };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return wrong(`${error.message}; the line's form is "${handle} ${[name, verb.form].join(" ").trim()}"`);
  }
}

function expectationOf(act: PlannedCall | PlannedStore, text: string): Expectation {
  if (!("ioctl" in act)) return wrong("a store has no answer to expect");
  if (text === "ok" || Object.hasOwn(errno, text)) return { text };
  if (act.register !== undefined) return { text, value: parseRegisterValue("script", act.register, text) };
  if (act.ioctl === calls.KVM_RUN && Object.hasOwn(exitReasons, text)) return { text };
  if (/^\d+$/.test(text)) return { text };
  return wrong(
    `"${text}" is nothing to expect; an error as EPERM is, ok, a number, of "get" a value, of "run" an exit`,
  );
}

export class ScriptStage {
  readonly #fds = new Map<ScriptHandle, number>();
  readonly #pages = new Map<number, RunPage>();
  readonly #memory: { address: bigint; slot: number; memory: HostMemory }[] = [];
  readonly #allocated: HostMemory[] = [];

  /**
   * @param backend tells each call, as `recorded` does
   * @param limit for guests that run on
   */
  constructor(readonly backend: Backend, readonly offer: HostOffer, readonly limit: () => RunLimit) {}

  /**
   * Makes the calls of a line. `before` is called before the line's own.
   * @returns why the line could not be performed, where it could not
   */
  perform({ handle, act }: ScriptLine, before: () => void): string | undefined {
    if (!("ioctl" in act)) return this.#store(act);
    const fd = this.#handle(handle);
    if (fd === undefined) return `there is no ${handle} that could take the call`;
    if (act.ioctl === calls.KVM_RUN) this.#page(fd);
    before();
    this.#call(handle, fd, act);
    return undefined;
  }

  /** The handle's descriptor; made if nobody did. */
  #handle(handle: ScriptHandle): number | undefined {
    const known = this.#fds.get(handle);
    if (known !== undefined) return known;
    if (handle === "system") {
      const fd = this.backend.openSystem();
      this.#fds.set(handle, fd);
      return fd;
    }
    const maker: ScriptHandle = handle === "vm" ? "system" : "vm";
    const fd = this.#handle(maker);
    if (fd !== undefined) this.#call(maker, fd, this.#making(handle));
    return this.#fds.get(handle);
  }

  #making(handle: ScriptHandle): PlannedCall {
    if (handle === "vm") {
      const usual = 40;
      return { ioctl: calls.KVM_CREATE_VM, argument: this.offer.ipaBits < usual ? this.offer.ipaBits : 0 };
    }
    if (handle === "its") return createDevice(deviceTypes.KVM_DEV_TYPE_ARM_VGIC_ITS, 0);
    if (handle !== "gic") {
      return { ioctl: calls.KVM_CREATE_VCPU, argument: Number(handle.slice("vcpu ".length)) };
    }
    const isV3 = this.offer.gics.includes("v3");
    return createDevice(deviceTypes[isV3 ? "KVM_DEV_TYPE_ARM_VGIC_V3" : "KVM_DEV_TYPE_ARM_VGIC_V2"], 0);
  }

  #call(handle: ScriptHandle, fd: number, act: PlannedCall) {
    const { ioctl } = act;
    const { argument, pointee, memory } = this.#complete(act);
    const make = () => this.backend.ioctl(fd, ioctl, argument, pointee);
    const page = ioctl === calls.KVM_RUN ? this.#page(fd) : undefined;
    if (page) page.immediateExit = act.immediateExit ?? false;
    const answer = page ? this.limit().during(make) : make();
    if (page) page.immediateExit = false;
    if (memory && answer === 0) this.#haveSlot(argument as Bytes, memory);
    this.#learn(handle, ioctl, argument, answer);
  }

  #haveSlot(argument: Bytes, memory: HostMemory) {
    const { guest_phys_addr: address, slot } = layout.kvm_userspace_memory_region.unpack(argument);
    this.#memory.push({ address, slot, memory });
  }

  #complete(
    act: PlannedCall,
  ): { argument: number | Bytes; pointee?: Bytes | undefined; memory?: HostMemory } {
    const { argument, pointee } = act;
    if (act.wantsTarget) {
      const init = layout.kvm_vcpu_init.unpack(argument as Bytes);
      return { argument: layout.kvm_vcpu_init.pack({ ...init, target: this.offer.target }) };
    }
    if (act.wantsMemory) {
      const region = layout.kvm_userspace_memory_region.unpack(argument as Bytes);
      const memory = this.#allocate(act.wantsMemory);
      return {
        argument: layout.kvm_userspace_memory_region.pack({ ...region, userspace_addr: memory.address }),
        memory,
      };
    }
    if (act.wantsBitmapOf !== undefined) {
      const size = this.#memory.find(({ slot }) => slot === act.wantsBitmapOf)?.memory.bytes.length ?? 0;
      return { argument, pointee: new Uint8Array(new ArrayBuffer(bitmapSize(size))) };
    }
    if (typeof argument === "number") return { argument };
    return {
      argument: argument.slice(),
      pointee: pointee && withKernelRoom(act.ioctl, argument, pointee, 0),
    };
  }

  #allocate(size: number): HostMemory {
    const memory = this.backend.allocate(size);
    this.#allocated.push(memory);
    return memory;
  }

  #page(fd: number): RunPage {
    const known = this.#pages.get(fd);
    if (known) return known;
    const size = this.backend.ioctl(this.#handle("system")!, calls.KVM_GET_VCPU_MMAP_SIZE, 0);
    const page = new RunPage(this.backend.mapRunPage(fd, size));
    this.#pages.set(fd, page);
    return page;
  }

  #learn(handle: ScriptHandle, ioctl: Ioctl, argument: number | Bytes, answer: number) {
    const made = descriptorMade(ioctl, argument, answer);
    if (made === undefined || answer < 0) return;
    if (handle === "system") {
      this.#leaveVm();
      this.#fds.set("vm", made);
    } else if (ioctl === calls.KVM_CREATE_VCPU) {
      this.#fds.set(`vcpu ${argument as number}`, made);
    } else {
      const { type } = layout.kvm_create_device.unpack(argument as Bytes);
      this.#fds.set(type === deviceTypes.KVM_DEV_TYPE_ARM_VGIC_ITS ? "its" : "gic", made);
    }
  }

  #store({ address, words }: PlannedStore): string | undefined {
    const place = this.#memory.find((slot) =>
      address >= slot.address &&
      address + BigInt(4 * words.length) <= slot.address + BigInt(slot.memory.bytes.length)
    );
    if (!place) return `no memory of the VM holds ${words.length} words at 0x${address.toString(16)}`;
    const { buffer, byteOffset } = place.memory.bytes;
    const view = new DataView(buffer, byteOffset + Number(address - place.address));
    words.forEach((word, index) => view.setUint32(4 * index, word, true));
    return undefined;
  }

  /** A script that makes a VM anew is done with the one it had. */
  #leaveVm() {
    this.#pages.forEach((page) => this.backend.unmapRunPage(page.buffer));
    this.#pages.clear();
    const own = [...this.#fds].filter(([handle]) => handle !== "system").reverse();
    for (const [handle, fd] of own) {
      this.backend.close(fd);
      this.#fds.delete(handle);
    }
    this.#memory.length = 0;
  }

  close() {
    this.#leaveVm();
    this.#fds.forEach((fd) => this.backend.close(fd));
    this.#allocated.splice(0).forEach((memory) => this.backend.free(memory));
  }
}
