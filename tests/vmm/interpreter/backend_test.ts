// What the conformance cases do not ask of the interpreter: its descriptors and memory, and further
// attributes of its devices, as the kernel's documents give them.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { interpreterBackend } from "../../../vmm/interpreter/backend.ts";
import { findHost } from "../../../vmm/interpreter/hosts.ts";
import { gicAttributes as gic } from "../../../vmm/kvm/device_types.ts";
import { errno } from "../../../vmm/kvm/errno.ts";
import { Kvm } from "../../../vmm/kvm/system.ts";
import type { Vm } from "../../../vmm/kvm/vm.ts";
import * as calls from "../../../vmm/kvm/ioctls.ts";
import { KvmError } from "../../../vmm/kvm/kvm_error.ts";
import { KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, redistRegion, u64Bytes } from "../../conformance/bench.ts";

const LEVEL_INFO = 7;
const PVTIME = 2, PVTIME_IPA = 0;
const ITS_ADDR_TYPE = 4;

const open = () => {
  const backend = interpreterBackend(findHost("max"));
  return { backend, vm: Kvm.open(backend).createVm() };
};
const addVcpu = (vm: Vm, index: number) => {
  const vcpu = vm.createVcpu(index);
  vcpu.init(5, ["KVM_ARM_VCPU_PSCI_0_2"]);
  return vcpu;
};
const u64 = (bytes: Uint8Array<ArrayBuffer>) => new BigUint64Array(bytes.buffer)[0]!;
const u32 = (bytes: Uint8Array<ArrayBuffer>) => new Uint32Array(bytes.buffer)[0]!;

Deno.test("a closed descriptor is EBADF, and the next handle gets it", () => {
  const { backend, vm } = open();
  vm.close();
  assertEquals(backend.ioctl(vm.fd, calls.KVM_CREATE_VCPU, 0), -errno.EBADF);
  assertEquals(backend.ioctl(-1, calls.KVM_CREATE_VM, 0), -errno.EBADF);
  assertEquals(backend.eventfd(), vm.fd);
});

Deno.test("guest memory is shared, begins as zero, and is found by its address until it is freed", () => {
  const { backend } = open();
  const [first, second] = [backend.allocate(0x1_8000), backend.allocate(0x1000)];
  assert(first.bytes.buffer instanceof SharedArrayBuffer && first.bytes.length === 0x1_8000);
  assert(first.bytes.every((byte) => byte === 0));
  assert(second.address >= first.address + BigInt(first.bytes.length));
  first.bytes[5] = 7;
  assertEquals(backend.memoryAt(first.address, 16)[5], 7);
  backend.free(first);
  assertThrows(() => backend.memoryAt(first.address, 16), RangeError);
  assert(backend.allocate(0x1_8000).bytes.every((byte) => byte === 0));
});

Deno.test("a region of redistributors reads back as it was given, and its base as the redistributors' address", () => {
  const { vm } = open();
  const device = vm.createDevice("KVM_DEV_TYPE_ARM_VGIC_V3");
  const region = redistRegion(0x080a_0000n, 0n, 3n);
  device.setAttribute(gic.KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, u64Bytes(region));
  const read = () =>
    u64(device.getAttribute(gic.KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, 8));
  assertEquals(read(), region);
  const base = device.getAttribute(gic.KVM_DEV_ARM_VGIC_GRP_ADDR, gic.KVM_VGIC_V3_ADDR_TYPE_REDIST, 8);
  assertEquals(u64(base), 0x080a_0000n);
});

Deno.test("the single region of redistributors must not lie over the distributor", () => {
  const { vm } = open();
  addVcpu(vm, 0);
  const device = vm.createDevice("KVM_DEV_TYPE_ARM_VGIC_V3");
  const place = (type: number, address: bigint) => () =>
    device.setAttribute(gic.KVM_DEV_ARM_VGIC_GRP_ADDR, type, u64Bytes(address));
  place(gic.KVM_VGIC_V3_ADDR_TYPE_DIST, 0x0801_0000n)();
  const error = assertThrows(place(gic.KVM_VGIC_V3_ADDR_TYPE_REDIST, 0x0800_0000n), KvmError);
  assertEquals(error.errno, "EINVAL");
});

Deno.test("the levels of a GICv3's lines are read and set by thirty-twos, PPIs of one vcpu by its affinity", () => {
  const { vm } = open();
  [0, 1].forEach((index) => addVcpu(vm, index));
  const device = vm.createDevice("KVM_DEV_TYPE_ARM_VGIC_V3");
  device.setAttribute(gic.KVM_DEV_ARM_VGIC_GRP_CTRL, gic.KVM_DEV_ARM_VGIC_CTRL_INIT);
  vm.setSpi(40, true);
  vm.setPpi(1, 27, true);
  const levels = (affinity: bigint, intid: bigint) =>
    u32(device.getAttribute(LEVEL_INFO, affinity << 32n | intid, 4));
  assertEquals([levels(0n, 32n), levels(0n, 0n), levels(1n, 0n)], [1 << 8, 0, 1 << 27]);
  device.setAttribute(LEVEL_INFO, 32n, new Uint8Array(new Uint32Array([0x8000_0001]).buffer));
  assertEquals(levels(0n, 32n), 0x8000_0001);
  assertEquals(assertThrows(() => levels(2n, 0n), KvmError).errno, "EINVAL");
});

Deno.test("an ITS is placed once, at 64 KiB", () => {
  const { vm } = open();
  const device = vm.createDevice("KVM_DEV_TYPE_ARM_VGIC_ITS");
  const place = (address: bigint) => () =>
    device.setAttribute(gic.KVM_DEV_ARM_VGIC_GRP_ADDR, ITS_ADDR_TYPE, u64Bytes(address));
  assertEquals(assertThrows(place(0x0808_1000n), KvmError).errno, "EINVAL");
  place(0x0808_0000n)();
  assertEquals(assertThrows(place(0x080a_0000n), KvmError).errno, "EEXIST");
  assertEquals(u64(device.getAttribute(gic.KVM_DEV_ARM_VGIC_GRP_ADDR, ITS_ADDR_TYPE, 8)), 0x0808_0000n);
});

Deno.test("the record of stolen time lies in guest memory, at 64 bytes, and is given once", () => {
  const { backend, vm } = open();
  const vcpu = addVcpu(vm, 0);
  const memory = backend.allocate(0x1_0000);
  const region = { slot: 0, guestAddress: 0x4000_0000n, size: 0x1_0000n, hostAddress: memory.address };
  vm.setUserMemoryRegion(region);
  const give = (address: bigint) => () => vcpu.setAttribute(PVTIME, PVTIME_IPA, u64Bytes(address));
  assertEquals(assertThrows(give(0x4000_0020n), KvmError).errno, "EINVAL");
  assertEquals(assertThrows(give(0x5000_0000n), KvmError).errno, "EINVAL");
  give(0x4000_0040n)();
  assertEquals(assertThrows(give(0x4000_0080n), KvmError).errno, "EEXIST");
});
