// The system's and a VM's methods: which ioctl each makes, on which descriptor, with which bytes, and what it makes
// of the answer. The bytes are written out by hand from linux/kvm.h, not with the project's structures.

import { registerName } from "../../../vmm/kvm/register_id.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { errno } from "../../../vmm/kvm/errno.ts";
import { Kvm } from "../../../vmm/kvm/system.ts";
import { RequestError } from "../../../vmm/kvm/request_error.ts";
import { type Case, fitHost, gicFd, handles, system, testCases, vcpuFd, vmFd } from "./handle_cases.ts";
import { answersWith, concat, pointsTo, scriptedBackend, words32, words64 } from "./scripted_backend.ts";

const systemCases: Record<string, Case> = {
  "apiVersion asks for the version": {
    act: ({ kvm }) => kvm.apiVersion(),
    calls: [{ fd: system, ioctl: "KVM_GET_API_VERSION", argument: 0 }],
    gives: 12,
  },
  "checkExtension passes the capability's number": {
    act: ({ kvm }) => kvm.checkExtension("KVM_CAP_ARM_SVE"),
    calls: [{ fd: system, ioctl: "KVM_CHECK_EXTENSION", argument: 170 }],
    gives: 1,
  },
  "vcpuMmapSize asks for the run page's size": {
    act: ({ kvm }) => kvm.vcpuMmapSize(),
    calls: [{ fd: system, ioctl: "KVM_GET_VCPU_MMAP_SIZE", argument: 0 }],
    gives: 8192,
  },
  "createVm passes the bits of guest-physical address": {
    act: ({ kvm }) => kvm.createVm(48).runPageSize,
    calls: [
      { fd: system, ioctl: "KVM_CREATE_VM", argument: 48 },
      { fd: system, ioctl: "KVM_GET_VCPU_MMAP_SIZE", argument: 0 },
    ],
    gives: 8192,
  },
};

const vmCases: Record<string, Case> = {
  "a VM answers for capabilities too": {
    act: ({ vm }) => vm.checkExtension("KVM_CAP_MAX_VCPUS"),
    calls: [{ fd: vmFd, ioctl: "KVM_CHECK_EXTENSION", argument: 66 }],
    gives: 1,
  },
  "enableCapability passes kvm_enable_cap": {
    act: ({ vm }) => vm.enableCapability("KVM_CAP_ARM_NISV_TO_USER"),
    calls: [{
      fd: vmFd,
      ioctl: "KVM_ENABLE_CAP",
      argument: concat(words32(177, 0), new Uint8Array(32), new Uint8Array(64)),
    }],
  },
  "preferredTarget reads kvm_vcpu_init": {
    act: ({ vm }) => vm.preferredTarget(),
    script: { KVM_ARM_PREFERRED_TARGET: answersWith(words32(5)) },
    calls: [{ fd: vmFd, ioctl: "KVM_ARM_PREFERRED_TARGET", argument: new Uint8Array(32) }],
    gives: { target: 5, features: [0, 0, 0, 0, 0, 0, 0] },
  },
  "createVcpu passes the vcpu's number": {
    act: ({ vm }) => vm.createVcpu(7).label,
    calls: [{ fd: vmFd, ioctl: "KVM_CREATE_VCPU", argument: 7 }],
    gives: "vcpu 7",
  },
  "setUserMemoryRegion passes slot, addresses and size": {
    act: ({ vm }) =>
      vm.setUserMemoryRegion({
        slot: 1,
        guestAddress: 0x4000_0000n,
        size: 0x800_0000n,
        hostAddress: 0x7fff_0000_0000n,
      }),
    calls: [{
      fd: vmFd,
      ioctl: "KVM_SET_USER_MEMORY_REGION",
      argument: concat(words32(1, 0), words64(0x4000_0000n, 0x800_0000n, 0x7fff_0000_0000n)),
    }],
  },
  "setUserMemoryRegion makes a slot read-only with flag 2 and logs writes with flag 1": {
    act({ vm }) {
      const region = { slot: 0, guestAddress: 0n, size: 0x1000n, hostAddress: 0x1000n };
      vm.setUserMemoryRegion({ ...region, readOnly: true });
      vm.setUserMemoryRegion({ ...region, logDirtyPages: true });
    },
    calls: [2, 1].map((flags) => ({
      fd: vmFd,
      ioctl: "KVM_SET_USER_MEMORY_REGION",
      argument: concat(words32(0, flags), words64(0n, 0x1000n, 0x1000n)),
    })),
  },
  "dirtyLog points to a bitmap of whole 64-bit words": {
    act: ({ vm }) => vm.dirtyLog(3, 65 * 4096),
    script: { KVM_GET_DIRTY_LOG: pointsTo(words64(5n, 1n)) },
    calls: [{
      fd: vmFd,
      ioctl: "KVM_GET_DIRTY_LOG",
      argument: concat(words32(3, 0), words64(0n)),
      pointee: new Uint8Array(16),
    }],
    gives: words64(5n, 1n),
  },
  "writableMasks points to a mask for each of 192 registers, and gives those that have any": {
    act: ({ vm }) => [...vm.writableMasks()].map(([id, mask]) => [registerName(id), mask]),
    script: {
      KVM_ARM_GET_REG_WRITABLE_MASKS: pointsTo(concat(
        words64(...new Array<bigint>(32).fill(0n), 0xf0n),
        new Uint8Array(8 * (191 - 33)),
        words64(1n),
      )),
    },
    calls: [{
      fd: vmFd,
      ioctl: "KVM_ARM_GET_REG_WRITABLE_MASKS",
      argument: new Uint8Array(64),
      pointee: new Uint8Array(8 * 192),
    }],
    gives: [["ID_AA64PFR0_EL1", 0xf0n], ["S3_3_C0_C7_7", 1n]],
  },
  "setSpi passes a shared interrupt and its level": {
    act({ vm }) {
      vm.setSpi(33, true);
      vm.setSpi(33, false);
    },
    calls: [1, 0].map((level) => ({
      fd: vmFd,
      ioctl: "KVM_IRQ_LINE",
      argument: words32(0x0100_0021, level),
    })),
  },
  "setPpi passes a vcpu's private interrupt and its level": {
    act: ({ vm }) => vm.setPpi(255, 27, true),
    calls: [{ fd: vmFd, ioctl: "KVM_IRQ_LINE", argument: words32(0x02ff_001b, 1) }],
  },
  "irqfd ties and unties": {
    act({ vm }) {
      vm.irqfd(9, 1);
      vm.irqfd(9, 1, { deassign: true });
    },
    calls: [0, 1].map((flags) => ({
      fd: vmFd,
      ioctl: "KVM_IRQFD",
      argument: concat(words32(9, 1, flags, 0), new Uint8Array(16)),
    })),
  },
  "ioeventfd ties and unties": {
    act({ vm }) {
      vm.ioeventfd(9, 0x0a00_0050n, 4);
      vm.ioeventfd(9, 0x0a00_0050n, 4, { deassign: true });
    },
    calls: [0, 4].map((flags) => ({
      fd: vmFd,
      ioctl: "KVM_IOEVENTFD",
      argument: concat(words64(0n, 0x0a00_0050n), words32(4, 9, flags), new Uint8Array(36)),
    })),
  },
  "createDevice gives a handle on the descriptor the kernel wrote": {
    act({ vm }) {
      const { fd, label } = vm.createDevice("KVM_DEV_TYPE_ARM_VGIC_V2");
      return { fd, label };
    },
    calls: [{ fd: vmFd, ioctl: "KVM_CREATE_DEVICE", argument: words32(5, 0, 0) }],
    gives: { fd: gicFd, label: "KVM_DEV_TYPE_ARM_VGIC_V2" },
  },
  "canCreateDevice only tests": {
    act: ({ vm }) => vm.canCreateDevice("KVM_DEV_TYPE_ARM_VGIC_ITS"),
    calls: [{ fd: vmFd, ioctl: "KVM_CREATE_DEVICE", argument: words32(8, 0, 1) }],
    gives: true,
  },
};

testCases({ ...systemCases, ...vmCases });

Deno.test("a device type the host does not have cannot be created", () => {
  const { vm } = handles({ KVM_CREATE_DEVICE: -errno.ENODEV });
  assertEquals(vm.canCreateDevice("KVM_DEV_TYPE_ARM_VGIC_V2"), false);
});

Deno.test("close closes the handle's own descriptor", () => {
  const { kvm, vm, vcpu, gic, closed } = handles();
  for (const handle of [gic, vcpu, vm, kvm]) handle.close();
  assertEquals(closed, [gicFd, vcpuFd, vmFd, system]);
});

Deno.test("a KVM of another API version is refused in one sentence, and closed", () => {
  const { backend, closed } = scriptedBackend({ ...fitHost, KVM_GET_API_VERSION: 11 });
  const error = assertThrows(() => Kvm.open(backend), RequestError, "version 11 of the KVM API, and 12");
  assertEquals(error.field, "backend");
  assertEquals(closed, [system]);
});

Deno.test("a KVM of another architecture is refused in one sentence, and closed", () => {
  const { backend, closed } = scriptedBackend({ ...fitHost, KVM_CHECK_EXTENSION: 0 });
  const error = assertThrows(() => Kvm.open(backend), RequestError, "an arm64 guest needs an arm64 host");
  assertEquals(error.field, "backend");
  assertEquals(closed, [system]);
});
