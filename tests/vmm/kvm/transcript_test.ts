// The transcript: what is told of every kind of call, as entries, as lines of text and as lines of JSON.

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { Backend } from "../../../vmm/kvm/backend.ts";
import { errno } from "../../../vmm/kvm/errno.ts";
import { Kvm } from "../../../vmm/kvm/system.ts";
import { Vm } from "../../../vmm/kvm/vm.ts";
import type { Ioctl } from "../../../vmm/kvm/ioctl.ts";
import * as ioctls from "../../../vmm/kvm/ioctls.ts";
import { KvmError } from "../../../vmm/kvm/kvm_error.ts";
import { KVM_REG_ARM64_SVE_VLS, registerIdOf, registerNamed } from "../../../vmm/kvm/register_id.ts";
import { formatEntry, recorded, type TranscriptEntry } from "../../../vmm/kvm/transcript.ts";
import { withTranscript } from "../../../vmm/machine/transcript_output.ts";
import { inFolder } from "../../guest/tools.ts";
import {
  answersWith,
  concat,
  fill,
  pointsTo,
  type Script,
  scriptedBackend,
  words32,
  words64,
} from "./scripted_backend.ts";

const [vmFd, vcpuFd, gicFd] = [4, 5, 6];

const host: Script = {
  KVM_GET_API_VERSION: 12,
  KVM_CHECK_EXTENSION: 1,
  KVM_CREATE_VM: vmFd,
  KVM_GET_VCPU_MMAP_SIZE: 4096,
  KVM_CREATE_VCPU: vcpuFd,
  KVM_CREATE_DEVICE({ argument }) {
    const isTest = (argument as Uint8Array)[8] === 1;
    if (!isTest) fill(argument, words32(gicFd), 4);
    return 0;
  },
  KVM_ARM_PREFERRED_TARGET: answersWith(words32(5)),
};

function recording(script: Script = {}) {
  const answers: Script = { ...host };
  const entries: TranscriptEntry[] = [];
  const { backend, pages } = scriptedBackend(answers);
  const watched = recorded(backend, (entry) => void entries.push(entry));
  const kvm = Kvm.open(watched);
  const vm = kvm.createVm();
  const vcpu = vm.createVcpu(0);
  const gic = vm.createDevice("KVM_DEV_TYPE_ARM_VGIC_V3");
  entries.length = 0;
  Object.assign(answers, script);
  return { kvm, vm, vcpu, gic, entries, pages, watched };
}

type Recording = ReturnType<typeof recording>;

interface Told {
  readonly act: (on: Recording) => unknown;
  /** The line up to the meaning, which follows after a semicolon. */
  readonly line: string;
  readonly script?: Script;
}

const pc = registerNamed("PC");

const told: Record<string, Told> = {
  "a call without arguments": {
    act: ({ kvm }) => kvm.apiVersion(),
    line: "system: KVM_GET_API_VERSION() = 12",
  },
  "a capability": {
    act: ({ kvm }) => kvm.checkExtension("KVM_CAP_ARM_SVE"),
    line: "system: KVM_CHECK_EXTENSION(capability KVM_CAP_ARM_SVE) = 1",
  },
  "a capability asked of a VM": {
    act: ({ vm }) => vm.checkExtension("KVM_CAP_MAX_VCPUS"),
    line: "VM: KVM_CHECK_EXTENSION(capability KVM_CAP_MAX_VCPUS) = 1",
  },
  "a capability turned on": {
    act: ({ vm }) => vm.enableCapability("KVM_CAP_ARM_NISV_TO_USER"),
    line: "VM: KVM_ENABLE_CAP(cap KVM_CAP_ARM_NISV_TO_USER) = 0",
  },
  "a new vcpu": {
    act: ({ vm }) => vm.createVcpu(1),
    line: "VM: KVM_CREATE_VCPU(index 1) = 5",
  },
  "the host's target": {
    act: ({ vm }) => vm.preferredTarget(),
    line: "VM: KVM_ARM_PREFERRED_TARGET() = 0 -> target 5, features none",
  },
  "a memory region": {
    act: ({ vm }) =>
      vm.setUserMemoryRegion({ slot: 1, guestAddress: 0x4000_0000n, size: 0x1000n, hostAddress: 0x7000n }),
    line: "VM: KVM_SET_USER_MEMORY_REGION(slot 1, flags 0, guest_phys_addr 0x40000000, memory_size 0x1000, " +
      "userspace_addr 0x7000) = 0",
  },
  "a dirty log, by the pages in it": {
    act: ({ vm }) => vm.dirtyLog(1, 128 * 4096),
    script: { KVM_GET_DIRTY_LOG: pointsTo(words64(0x8000_0000_0000_0001n, 3n)) },
    line: "VM: KVM_GET_DIRTY_LOG(slot 1) = 0 -> pages written 4",
  },
  "an interrupt line": {
    act: ({ vm }) => vm.setSpi(33, true),
    line: "VM: KVM_IRQ_LINE(irq 16777249, level 1) = 0",
  },
  "a new device": {
    act: ({ vm }) => vm.createDevice("KVM_DEV_TYPE_ARM_VGIC_V2"),
    line: "VM: KVM_CREATE_DEVICE(type KVM_DEV_TYPE_ARM_VGIC_V2, flags 0) = 0",
  },
  "features": {
    act: ({ vcpu }) => vcpu.init(5, ["KVM_ARM_VCPU_PSCI_0_2", "KVM_ARM_VCPU_SVE"]),
    line: "vcpu 0: KVM_ARM_VCPU_INIT(target 5, features KVM_ARM_VCPU_PSCI_0_2|KVM_ARM_VCPU_SVE) = 0",
  },
  "a feature finalized": {
    act: ({ vcpu }) => vcpu.finalize("KVM_ARM_VCPU_SVE"),
    line: "vcpu 0: KVM_ARM_VCPU_FINALIZE(feature KVM_ARM_VCPU_SVE) = 0",
  },
  "a register read": {
    act: ({ vcpu }) => vcpu.getRegister(pc),
    script: { KVM_GET_ONE_REG: pointsTo(words64(0x4008_0000n)) },
    line: "vcpu 0: KVM_GET_ONE_REG(register PC) = 0 -> value 0x40080000",
  },
  "a register written": {
    act: ({ vcpu }) => vcpu.setRegister(pc, 0x4008_0000n),
    line: "vcpu 0: KVM_SET_ONE_REG(register PC, value 0x40080000) = 0",
  },
  "a register without a name": {
    act: ({ vcpu }) => vcpu.getRegister(registerIdOf(0x6030_0000_0014_0009n)),
    line: "vcpu 0: KVM_GET_ONE_REG(register 0x6030000000140009) = 0 -> value 0x0",
  },
  "vector lengths, in bits": {
    act: ({ vcpu }) => vcpu.getRegisterBytes(KVM_REG_ARM64_SVE_VLS),
    script: { KVM_GET_ONE_REG: pointsTo(words64(0xbn)) },
    line: "vcpu 0: KVM_GET_ONE_REG(register KVM_REG_ARM64_SVE_VLS) = 0 -> value {128, 256, 512} bits",
  },
  "a run state read": {
    act: ({ vcpu }) => vcpu.getMpState(),
    script: { KVM_GET_MP_STATE: answersWith(words32(5)) },
    line: "vcpu 0: KVM_GET_MP_STATE() = 0 -> mp_state 5",
  },
  "a run state written": {
    act: ({ vcpu }) => vcpu.setMpState(5),
    line: "vcpu 0: KVM_SET_MP_STATE(mp_state 5) = 0",
  },
  "pending exceptions": {
    act: ({ vcpu }) => vcpu.getEvents(),
    script: { KVM_GET_VCPU_EVENTS: answersWith(Uint8Array.of(1)) },
    line: "vcpu 0: KVM_GET_VCPU_EVENTS() = 0 -> exception {serror_pending 1, serror_has_esr 0, " +
      "ext_dabt_pending 0, serror_esr 0x0}",
  },
  "a device's attribute set": {
    act: ({ gic }) => gic.setAttribute(0, 2, words64(0x0800_0000n)),
    line: "KVM_DEV_TYPE_ARM_VGIC_V3: KVM_SET_DEVICE_ATTR(flags 0, group 0, attr 0x2, addr 0x8000000) = 0",
  },
  "a device's command": {
    act: ({ gic }) => gic.setAttribute(4, 0),
    line: "KVM_DEV_TYPE_ARM_VGIC_V3: KVM_SET_DEVICE_ATTR(flags 0, group 4, attr 0x0, addr none) = 0",
  },
  "a device's attribute read": {
    act: ({ gic }) => gic.getAttribute(3, 0, 4),
    script: { KVM_GET_DEVICE_ATTR: pointsTo(words32(64)) },
    line: "KVM_DEV_TYPE_ARM_VGIC_V3: KVM_GET_DEVICE_ATTR(flags 0, group 3, attr 0x0) = 0 -> value 0x40",
  },
  "a vcpu's own attribute": {
    act: ({ vcpu }) => vcpu.hasAttribute(1, 0),
    line: "vcpu 0: KVM_HAS_DEVICE_ATTR(flags 0, group 1, attr 0x0, addr 0x0) = 0",
  },
  "a run whose page was not mapped here": {
    act: ({ vcpu }) => vcpu.run(),
    line: "vcpu 0: KVM_RUN() = 0",
  },
  "an interrupted run": {
    act: ({ vcpu }) => vcpu.run(),
    script: { KVM_RUN: -errno.EINTR },
    line: "vcpu 0: KVM_RUN() = EINTR",
  },
};

for (const [what, { act, line, script }] of Object.entries(told)) {
  Deno.test(`${what} is told in one line`, () => {
    const on = recording(script);
    act(on);
    const [entry] = on.entries;
    assertEquals(on.entries.length, 1);
    assertEquals(formatEntry(entry!), `${line}; ${entry!.meaning}`);
    assertEquals(JSON.parse(JSON.stringify(entry)), entry);
  });
}

Deno.test("a call that went well is told with what it does", () => {
  const { vcpu, entries } = recording();
  vcpu.finalize("KVM_ARM_VCPU_SVE");
  assertEquals(entries, [{
    handle: "vcpu 0",
    ioctl: "KVM_ARM_VCPU_FINALIZE",
    arguments: { feature: "KVM_ARM_VCPU_SVE" },
    gives: {},
    answer: 0,
    meaning: "ends the configuration of a vcpu's feature",
  }]);
});

Deno.test("a refused call is told with its error and what the document says that means, and gives nothing", () => {
  const { vcpu, entries } = recording({ KVM_GET_ONE_REG: -errno.EPERM });
  assertThrows(() => vcpu.getRegister(registerNamed("Z0")), KvmError);
  assertEquals(entries, [{
    handle: "vcpu 0",
    ioctl: "KVM_GET_ONE_REG",
    arguments: { register: "Z0 slice 0" },
    gives: {},
    answer: "EPERM",
    meaning: "the register is not accessible before KVM_ARM_VCPU_FINALIZE",
  }]);
});

Deno.test("the transcript changes no answer", () => {
  const script = { KVM_GET_ONE_REG: pointsTo(words64(0x4008_0000n)), KVM_RUN: -errno.EINTR };
  const { vcpu, vm } = recording(script);
  assertEquals(vcpu.getRegister(pc), 0x4008_0000n);
  assertEquals(vcpu.run(), errno.EINTR);
  assertEquals(vm.preferredTarget().target, 5);
});

const exits: Record<string, { reason: number; union: Uint8Array<ArrayBuffer>; parts: string[] }> = {
  "a write to a device": {
    reason: 6,
    union: concat(words64(0x0900_0000n, 0x41n), words32(4), Uint8Array.of(1)),
    parts: ["exit KVM_EXIT_MMIO", "32-bit write", "address 0x9000000", "data 0x41"],
  },
  "a read from a device": {
    reason: 6,
    union: concat(words64(0x0900_0018n, 0n), words32(2), Uint8Array.of(0)),
    parts: ["exit KVM_EXIT_MMIO", "16-bit read", "address 0x9000018"],
  },
  "a system event": {
    reason: 24,
    union: concat(words32(1, 1), words64(7n)),
    parts: ["exit KVM_EXIT_SYSTEM_EVENT", "event KVM_SYSTEM_EVENT_SHUTDOWN", "data [0x7]"],
  },
  "an exit of an unknown kind": {
    reason: 99,
    union: words64(0xabcn),
    parts: ["exit KVM_EXIT_UNKNOWN", "number 99", "hardwareReason 0xabc"],
  },
};

for (const [what, { reason, union, parts }] of Object.entries(exits)) {
  Deno.test(`${what} is told with the KVM_RUN that it ends`, () => {
    const { vcpu, pages, entries } = recording();
    vcpu.mapRunPage();
    const page = new Uint8Array(pages[0]!);
    page.set(words32(reason), 8);
    page.set(union, 32);
    vcpu.run();
    const line = formatEntry(entries[0]!);
    for (const part of parts) assertStringIncludes(line, part);
    assertEquals(JSON.parse(JSON.stringify(entries[0])), entries[0]);
  });
}

Deno.test("a test for a device type names no descriptor after the device", () => {
  const { vm, watched, entries } = recording();
  vm.canCreateDevice("KVM_DEV_TYPE_ARM_VGIC_V2");
  new Vm(watched, 0, "VM", 4096).checkExtension("KVM_CAP_ARM_SVE");
  assertEquals(entries.at(-1)?.handle, "descriptor 0");
});

Deno.test("a closed descriptor loses its name, and one another isolate opened has the name it was given", () => {
  const entries: TranscriptEntry[] = [];
  const { backend } = scriptedBackend(host);
  const watched = recorded(backend, (entry) => void entries.push(entry), [[vcpuFd, "vcpu 3"]]);
  const ask = () => watched.ioctl(vcpuFd, ioctls.KVM_RUN, 0);
  ask();
  watched.close(vcpuFd);
  ask();
  assertEquals(entries.map(({ handle }) => handle), ["vcpu 3", `descriptor ${vcpuFd}`]);
});

Deno.test("every ioctl of the contract is told, whatever its bytes, in values JSON can carry", () => {
  for (const ioctl of Object.values(ioctls) as Ioctl[]) {
    const entries: TranscriptEntry[] = [];
    const watched: Backend = recorded(scriptedBackend({}).backend, (entry) => void entries.push(entry));
    const size = typeof ioctl.argument === "string" ? 0 : ioctl.argument.size;
    const argument = size ? new Uint8Array(size).fill(0xff) : 0xffff_ffff;
    watched.ioctl(9, ioctl, argument, ioctl.pointer === undefined ? undefined : new Uint8Array(8).fill(0xff));
    assertEquals(entries.map((entry) => entry.ioctl), [ioctl.name]);
    assertEquals(JSON.parse(JSON.stringify(entries)), entries);
    assertEquals(formatEntry(entries[0]!).includes("\n"), false);
  }
});

for (const format of ["text", "json"] as const) {
  Deno.test(`a transcript as ${format} has one line a call`, () =>
    inFolder(async (folder) => {
      const file = `${folder}/transcript`;
      const { backend } = scriptedBackend(host);
      Kvm.open(withTranscript(backend, { format, file })).createVm();
      const lines = (await Deno.readTextFile(file)).trimEnd().split("\n");
      const calls = ["KVM_GET_API_VERSION", "KVM_CHECK_EXTENSION", "KVM_CREATE_VM", "KVM_GET_VCPU_MMAP_SIZE"];
      const named = (line: string) => format === "json" ? JSON.parse(line).ioctl : /KVM_\w+/.exec(line)?.[0];
      assertEquals(lines.map(named), calls);
    }));
}

Deno.test("without a target there is no transcript: the backend is itself", () => {
  const { backend } = scriptedBackend(host);
  assertEquals(withTranscript(backend, undefined) === backend, true);
});
