// The calls that a script can make: for each handle its verbs, each with the form of its line and how that becomes
// an ioctl, byte for byte. Nothing is asked of a backend here.

import { capabilities } from "../kvm/capabilities.ts";
import { breakpointAt, noDebug, singleStep } from "../kvm/debug_registers.ts";
import { deviceTypes, gicAttributes as gic, KVM_CREATE_DEVICE_TEST } from "../kvm/device_types.ts";
import { type FeatureName, features, finalizeArgument } from "../kvm/features.ts";
import type { Bytes } from "../kvm/handle.ts";
import type { Ioctl } from "../kvm/ioctl.ts";
import * as calls from "../kvm/ioctls.ts";
import { registerByName, type RegisterId, registerSize } from "../kvm/register_id.ts";
import * as layout from "../kvm/structs.ts";
import { mpStates } from "../kvm/vcpu.ts";
import { featureIdRange, irqLine, KVM_ARM_FEATURE_ID_RANGE, memoryFlags } from "../kvm/vm.ts";
import { parseRegisterValue } from "./register_value.ts";
import { findName, parseNumber, type Words, wrong } from "./script_words.ts";

export type ScriptHandle = "system" | "vm" | "gic" | "its" | `vcpu ${number}`;

/** One call, but for what only its performer knows. */
export interface PlannedCall {
  readonly ioctl: Ioctl;
  readonly argument: number | Bytes;
  readonly pointee?: Bytes;
  /** Of KVM_ARM_VCPU_INIT: the host's own target is to be filled in. */
  readonly wantsTarget?: true;
  /** Of KVM_SET_USER_MEMORY_REGION: memory of this many bytes is to be filled in. */
  readonly wantsMemory?: number;
  /** Of KVM_GET_DIRTY_LOG: room for the slot's bitmap is to be filled in. */
  readonly wantsBitmapOf?: number;
  /** Of KVM_RUN: with immediate_exit. */
  readonly immediateExit?: true;
  /** Of KVM_GET_ONE_REG: the register that an expected value is of. */
  readonly register?: RegisterId;
}

/** What is no call: the monitor's writing its guest's memory. */
export interface PlannedStore {
  readonly address: bigint;
  readonly words: readonly number[];
}

export interface Verb {
  /** What follows it in a line. */
  readonly form: string;
  readonly plan: (words: Words) => PlannedCall | PlannedStore;
}

type Verbs = Readonly<Record<string, Verb>>;

const nothing = (ioctl: Ioctl): Verb => ({ form: "", plan: () => ({ ioctl, argument: 0 }) });
const room = (size: number): Bytes => new Uint8Array(new ArrayBuffer(size));
const capability = (words: Words) => words.named("capability", capabilities, "KVM_CAP_").number;

const check: Verb = {
  form: "CAPABILITY",
  plan: (words) => ({ ioctl: calls.KVM_CHECK_EXTENSION, argument: capability(words) }),
};

const system: Verbs = {
  "api-version": nothing(calls.KVM_GET_API_VERSION),
  "mmap-size": nothing(calls.KVM_GET_VCPU_MMAP_SIZE),
  check,
  "create-vm": {
    form: "[ADDRESS-BITS]",
    plan: (words) => ({
      ioctl: calls.KVM_CREATE_VM,
      argument: words.isEmpty ? 0 : words.number("number of address bits"),
    }),
  },
};

const deviceType = (words: Words) => words.named("device type", deviceTypes, "KVM_DEV_TYPE_ARM_");

const vm: Verbs = {
  check,
  enable: {
    form: "CAPABILITY",
    plan: (words) => ({
      ioctl: calls.KVM_ENABLE_CAP,
      argument: layout.kvm_enable_cap.pack({ cap: capability(words) }),
    }),
  },
  target: {
    form: "",
    plan: () => ({ ioctl: calls.KVM_ARM_PREFERRED_TARGET, argument: layout.kvm_vcpu_init.pack({}) }),
  },
  "create-vcpu": {
    form: "NUMBER",
    plan: (words) => ({ ioctl: calls.KVM_CREATE_VCPU, argument: words.number("number of a vcpu") }),
  },
  "create-device": { form: "TYPE", plan: (words) => createDevice(deviceType(words), 0) },
  "test-device": { form: "TYPE", plan: (words) => createDevice(deviceType(words), KVM_CREATE_DEVICE_TEST) },
  memory: { form: "SLOT ADDRESS SIZE [READONLY] [LOG_DIRTY_PAGES]", plan: planMemory },
  store: {
    form: "ADDRESS WORD...",
    plan(words) {
      const address = words.big("address");
      const list = words.rest().map((word) => Number(parseNumber(word, "word", 0xffff_ffffn)));
      return list.length ? { address, words: list } : wrong("WORD is missing");
    },
  },
  "dirty-log": {
    form: "SLOT",
    plan(words) {
      const slot = words.number("slot");
      return {
        ioctl: calls.KVM_GET_DIRTY_LOG,
        argument: layout.kvm_dirty_log.pack({ slot }),
        wantsBitmapOf: slot,
      };
    },
  },
  "writable-masks": {
    form: "",
    plan: () => ({
      ioctl: calls.KVM_ARM_GET_REG_WRITABLE_MASKS,
      argument: layout.reg_mask_range.pack({ range: KVM_ARM_FEATURE_ID_RANGE }),
      pointee: room(8 * featureIdRange.length),
    }),
  },
  spi: {
    form: "INTID LEVEL",
    plan: (words) => line(irqLine.spi(words.number("INTID", 0xffff)), words),
  },
  ppi: {
    form: "VCPU INTID LEVEL",
    plan(words) {
      const vcpu = words.number("number of a vcpu", 255);
      return line(irqLine.ppi(vcpu, words.number("INTID", 0xffff)), words);
    },
  },
};

const line = (irq: number, words: Words): PlannedCall => ({
  ioctl: calls.KVM_IRQ_LINE,
  argument: layout.kvm_irq_level.pack({ irq, level: words.number("level") }),
});

export const createDevice = (type: number, flags: number): PlannedCall => ({
  ioctl: calls.KVM_CREATE_DEVICE,
  argument: layout.kvm_create_device.pack({ type, flags }),
});

function planMemory(words: Words): PlannedCall {
  const slot = words.number("slot");
  const guest_phys_addr = words.big("address");
  const size = words.number("size", 2 ** 30);
  let flags = 0;
  while (!words.isEmpty) flags |= words.named("flag", memoryFlags, "KVM_MEM_");
  return {
    ioctl: calls.KVM_SET_USER_MEMORY_REGION,
    argument: layout.kvm_userspace_memory_region.pack({
      slot,
      flags,
      guest_phys_addr,
      memory_size: BigInt(size),
    }),
    ...size && { wantsMemory: size },
  };
}

const vcpu: Verbs = {
  init: { form: "[FEATURE...] [target=NUMBER]", plan: planInit },
  finalize: {
    form: "FEATURE",
    plan: (words) => ({
      ioctl: calls.KVM_ARM_VCPU_FINALIZE,
      argument: finalizeArgument.pack({ feature: featureBit(words.next("FEATURE"), 0x7fff_ffffn) }),
    }),
  },
  get: {
    form: "REGISTER",
    plan(words) {
      const register = registerOf(words.rest());
      return {
        ioctl: calls.KVM_GET_ONE_REG,
        argument: layout.kvm_one_reg.pack({ id: register }),
        pointee: room(registerSize(register)),
        register,
      };
    },
  },
  set: {
    form: "REGISTER VALUE",
    plan(words) {
      const name = words.rest();
      const value = name.length > 1 ? name.pop()! : wrong("REGISTER and VALUE are both needed");
      const id = registerOf(name);
      return {
        ioctl: calls.KVM_SET_ONE_REG,
        argument: layout.kvm_one_reg.pack({ id }),
        pointee: parseRegisterValue("script", id, value),
      };
    },
  },
  "reg-list": {
    form: "[ROOM]",
    plan(words) {
      const most = words.isEmpty ? 1024 : words.number("number of ids", 4096);
      const list = room(layout.kvm_reg_list.size + 8 * most);
      list.set(layout.kvm_reg_list.pack({ n: BigInt(most) }));
      return { ioctl: calls.KVM_GET_REG_LIST, argument: list };
    },
  },
  run: {
    form: "[immediate]",
    plan(words) {
      if (words.isEmpty) return { ioctl: calls.KVM_RUN, argument: 0 };
      const word = words.next("immediate");
      if (word !== "immediate") wrong(`"${word}" is too much here; "immediate" sets immediate_exit`);
      return { ioctl: calls.KVM_RUN, argument: 0, immediateExit: true };
    },
  },
  "get-mp-state": {
    form: "",
    plan: () => ({ ioctl: calls.KVM_GET_MP_STATE, argument: layout.kvm_mp_state.pack({}) }),
  },
  "set-mp-state": {
    form: "RUNNABLE|STOPPED|SUSPENDED",
    plan: (words) => ({
      ioctl: calls.KVM_SET_MP_STATE,
      argument: layout.kvm_mp_state.pack({ mp_state: words.named("run state", mpStates, "KVM_MP_STATE_") }),
    }),
  },
  "get-events": {
    form: "",
    plan: () => ({ ioctl: calls.KVM_GET_VCPU_EVENTS, argument: layout.kvm_vcpu_events.pack({}) }),
  },
  "set-events": { form: "none|abort|serror [SYNDROME]", plan: planEvents },
  debug: { form: "off|step|breakpoint ADDRESS", plan: planDebug },
};

function featureBit(word: string, most: bigint): number {
  const name = findName(word, features, "KVM_ARM_VCPU_");
  if (name !== undefined) return features[name as FeatureName].bit;
  return Number(parseNumber(word, "feature or number of its bit", most));
}

function planInit(words: Words): PlannedCall {
  const bits: number[] = [0, 0, 0, 0, 0, 0, 0];
  let target: number | undefined;
  for (const word of words.rest()) {
    const own = /^target=(.*)$/.exec(word);
    if (own) target = Number(parseNumber(own[1]!, "target", 0xffff_ffffn));
    else {
      const bit = featureBit(word, 223n);
      bits[bit >> 5] = (bits[bit >> 5]! | 1 << (bit & 31)) >>> 0;
    }
  }
  return {
    ioctl: calls.KVM_ARM_VCPU_INIT,
    argument: layout.kvm_vcpu_init.pack({ target: target ?? 0, features: bits }),
    ...target === undefined && { wantsTarget: true },
  };
}

function registerOf(words: readonly string[]): RegisterId {
  const name = words.join(" ");
  if (name === "") wrong("REGISTER is missing");
  return registerByName(name) ?? registerByName(name.toUpperCase()) ??
    wrong(
      `there is no register "${name}"; Arm's and KVM's names are known, as PC, X0, Z3, TTBR0_EL1, ` +
        "KVM_REG_ARM64_SVE_VLS, and ids as 0x603000000010003e",
    );
}

function planEvents(words: Words): PlannedCall {
  const kind = words.next("none|abort|serror");
  const exception = { serror_pending: 0, serror_has_esr: 0, ext_dabt_pending: 0, pad: [], serror_esr: 0n };
  if (kind === "abort") exception.ext_dabt_pending = 1;
  else if (kind === "serror") {
    exception.serror_pending = 1;
    if (!words.isEmpty) {
      exception.serror_has_esr = 1;
      exception.serror_esr = words.big("syndrome");
    }
  } else if (kind !== "none") wrong(`"${kind}" cannot be made pending; none, abort and serror can`);
  return { ioctl: calls.KVM_SET_VCPU_EVENTS, argument: layout.kvm_vcpu_events.pack({ exception }) };
}

function planDebug(words: Words): PlannedCall {
  const kind = words.next("off|step|breakpoint");
  const kinds: Readonly<Record<string, () => typeof noDebug>> = {
    off: () => noDebug,
    step: () => singleStep,
    breakpoint: () => breakpointAt(words.big("address")),
  };
  const make = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (!make) wrong(`"${kind}" is no kind of debugging; off, step and breakpoint are`);
  return { ioctl: calls.KVM_SET_GUEST_DEBUG, argument: layout.kvm_guest_debug.pack(make()) };
}

const address = (attr: number, value: bigint) => attribute(gic.KVM_DEV_ARM_VGIC_GRP_ADDR, attr, u64(value));

const gicVerbs: Verbs = {
  dist: {
    form: "ADDRESS",
    plan: (words) => address(gic.KVM_VGIC_V3_ADDR_TYPE_DIST, words.big("address")),
  },
  redist: {
    form: "ADDRESS",
    plan: (words) => address(gic.KVM_VGIC_V3_ADDR_TYPE_REDIST, words.big("address")),
  },
  "redist-region": {
    form: "ADDRESS INDEX COUNT",
    plan(words) {
      const base = words.big("address"),
        index = words.big("index", 0xfffn),
        count = words.big("count", 0xfffn);
      return address(gic.KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, count << 52n | base | index);
    },
  },
  "v2-dist": {
    form: "ADDRESS",
    plan: (words) => address(gic.KVM_VGIC_V2_ADDR_TYPE_DIST, words.big("address")),
  },
  "v2-cpu": {
    form: "ADDRESS",
    plan: (words) => address(gic.KVM_VGIC_V2_ADDR_TYPE_CPU, words.big("address")),
  },
  irqs: {
    form: "COUNT",
    plan: (words) =>
      attribute(gic.KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, u32(words.number("number of interrupts"))),
  },
  init: {
    form: "",
    plan: () => attribute(gic.KVM_DEV_ARM_VGIC_GRP_CTRL, gic.KVM_DEV_ARM_VGIC_CTRL_INIT, room(0)),
  },
};

const u32 = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);
const u64 = (value: bigint) => new Uint8Array(BigUint64Array.of(value).buffer);

function attribute(group: number, attr: number | bigint, pointee: Bytes, ioctl = calls.KVM_SET_DEVICE_ATTR) {
  return { ioctl, argument: layout.kvm_device_attr.pack({ group, attr: BigInt(attr) }), pointee };
}

/** Of every handle with attributes. */
const attributes: Verbs = {
  "has-attr": {
    form: "GROUP ATTRIBUTE",
    plan: (words) => ({
      ioctl: calls.KVM_HAS_DEVICE_ATTR,
      argument: layout.kvm_device_attr.pack({ group: words.number("group"), attr: words.big("attribute") }),
    }),
  },
  "get-attr": {
    form: "GROUP ATTRIBUTE u32|u64",
    plan(words) {
      const group = words.number("group"), attr = words.big("attribute");
      return attribute(group, attr, room(widthOf(words)), calls.KVM_GET_DEVICE_ATTR);
    },
  },
  "set-attr": {
    form: "GROUP ATTRIBUTE [u32|u64 VALUE]",
    plan(words) {
      const group = words.number("group"), attr = words.big("attribute");
      if (words.isEmpty) return attribute(group, attr, room(0));
      const value = widthOf(words) === 4 ? u32(words.number("value")) : u64(words.big("value"));
      return attribute(group, attr, value);
    },
  },
};

function widthOf(words: Words): 4 | 8 {
  const word = words.next("u32|u64");
  if (word === "u32") return 4;
  return word === "u64" ? 8 : wrong(`"${word}" is no type of a value; u32 and u64 are`);
}

/** By the first word of a line. */
export const scriptVerbs: Readonly<Record<"system" | "vm" | "vcpu" | "gic" | "its", Verbs>> = {
  system,
  vm,
  vcpu: { ...vcpu, ...attributes },
  gic: { ...gicVerbs, ...attributes },
  its: attributes,
};
