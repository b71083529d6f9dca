// A vcpu's and an in-kernel device's methods: which ioctl each makes, on which descriptor, with which bytes, and
// what it makes of the answer. The bytes are written out by hand from linux/kvm.h.

import { assertEquals } from "@std/assert";
import { errno } from "../../../vmm/kvm/errno.ts";
import { KVM_REG_ARM64_SVE_VLS, registerNamed, sveZ } from "../../../vmm/kvm/register_id.ts";
import { type Case, gicFd, handles, testCases, vcpuFd } from "./handle_cases.ts";
import { answersWith, concat, fill, pointsTo, words32, words64 } from "./scripted_backend.ts";

const pc = registerNamed("PC");
const fpsr = registerNamed("FPSR");
const oneReg = (id: bigint) => words64(id, 0n);
const registerValue = words64(0x4008_0000n);
const vcpuCases: Record<string, Case> = {
  "init passes the target and the features' bits": {
    act: ({ vcpu }) => vcpu.init(5, ["KVM_ARM_VCPU_PSCI_0_2", "KVM_ARM_VCPU_SVE"]),
    calls: [{
      fd: vcpuFd,
      ioctl: "KVM_ARM_VCPU_INIT",
      argument: words32(5, 0b10100, 0, 0, 0, 0, 0, 0),
    }],
  },
  "finalize passes the feature as an int": {
    act: ({ vcpu }) => vcpu.finalize("KVM_ARM_VCPU_SVE"),
    calls: [{ fd: vcpuFd, ioctl: "KVM_ARM_VCPU_FINALIZE", argument: words32(4) }],
  },
  "getRegister points to as many bytes as the register has": {
    act: ({ vcpu }) => [vcpu.getRegister(pc), vcpu.getRegisterBytes(sveZ(0)).length],
    script: { KVM_GET_ONE_REG: pointsTo(registerValue) },
    calls: [
      { fd: vcpuFd, ioctl: "KVM_GET_ONE_REG", argument: oneReg(pc), pointee: new Uint8Array(8) },
      { fd: vcpuFd, ioctl: "KVM_GET_ONE_REG", argument: oneReg(sveZ(0)), pointee: new Uint8Array(256) },
    ],
    gives: [0x4008_0000n, 256],
  },
  "setRegister points to the value, little-endian, in the register's size": {
    act({ vcpu }) {
      vcpu.setRegister(pc, 0x4008_0000n);
      vcpu.setRegister(fpsr, 0x8000_0001n);
      vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, words64(3n, 0n, 0n, 0n, 0n, 0n, 0n, 0n));
    },
    calls: [
      { fd: vcpuFd, ioctl: "KVM_SET_ONE_REG", argument: oneReg(pc), pointee: registerValue },
      { fd: vcpuFd, ioctl: "KVM_SET_ONE_REG", argument: oneReg(fpsr), pointee: words32(0x8000_0001) },
      {
        fd: vcpuFd,
        ioctl: "KVM_SET_ONE_REG",
        argument: oneReg(KVM_REG_ARM64_SVE_VLS),
        pointee: words64(3n, 0n, 0n, 0n, 0n, 0n, 0n, 0n),
      },
    ],
  },
  "registerList asks how many registers there are, then for so many": {
    act: ({ vcpu }) => vcpu.registerList(),
    script: {
      KVM_GET_REG_LIST({ argument }) {
        const room = (argument as Uint8Array).length / 8 - 1;
        fill(argument, room < 2 ? words64(2n) : words64(2n, pc, fpsr));
        return room < 2 ? -errno.E2BIG : 0;
      },
    },
    calls: [
      { fd: vcpuFd, ioctl: "KVM_GET_REG_LIST", argument: words64(0n) },
      { fd: vcpuFd, ioctl: "KVM_GET_REG_LIST", argument: words64(2n, 0n, 0n) },
    ],
    gives: [pc, fpsr],
  },
  "getMpState reads the state": {
    act: ({ vcpu }) => vcpu.getMpState(),
    script: { KVM_GET_MP_STATE: answersWith(words32(5)) },
    calls: [{ fd: vcpuFd, ioctl: "KVM_GET_MP_STATE", argument: words32(0) }],
    gives: 5,
  },
  "setMpState writes the state": {
    act: ({ vcpu }) => vcpu.setMpState(5),
    calls: [{ fd: vcpuFd, ioctl: "KVM_SET_MP_STATE", argument: words32(5) }],
  },
  "getEvents reads the pending SError": {
    act: ({ vcpu }) => vcpu.getEvents().exception,
    script: { KVM_GET_VCPU_EVENTS: answersWith(concat(Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0), words64(7n))) },
    calls: [{ fd: vcpuFd, ioctl: "KVM_GET_VCPU_EVENTS", argument: new Uint8Array(64) }],
    gives: {
      serror_pending: 1,
      serror_has_esr: 1,
      ext_dabt_pending: 0,
      pad: [0, 0, 0, 0, 0],
      serror_esr: 7n,
    },
  },
  "setEvents writes back what getEvents read": {
    act: ({ vcpu }) => vcpu.setEvents(vcpu.getEvents()),
    script: { KVM_GET_VCPU_EVENTS: answersWith(Uint8Array.of(0, 0, 1)) },
    calls: [
      { fd: vcpuFd, ioctl: "KVM_GET_VCPU_EVENTS", argument: new Uint8Array(64) },
      {
        fd: vcpuFd,
        ioctl: "KVM_SET_VCPU_EVENTS",
        argument: concat(Uint8Array.of(0, 0, 1, 0), new Uint8Array(60)),
      },
    ],
  },
  "setGuestDebug passes control and debug registers": {
    act: ({ vcpu }) => vcpu.setGuestDebug({ control: 3, dbg_bvr: [0x4008_0000n] }),
    calls: [{
      fd: vcpuFd,
      ioctl: "KVM_SET_GUEST_DEBUG",
      argument: concat(words32(3, 0), new Uint8Array(128), registerValue, new Uint8Array(120 + 256)),
    }],
  },
  "run runs": {
    act: ({ vcpu }) => vcpu.run(),
    calls: [{ fd: vcpuFd, ioctl: "KVM_RUN", argument: 0 }],
    gives: 0,
  },
};

const attributeOf = (group: number, attr: bigint) => concat(words32(0, group), words64(attr, 0n));

const deviceCases: Record<string, Case> = {
  "hasAttribute asks for group and attribute": {
    act: ({ gic }) => gic.hasAttribute(0, 2),
    calls: [{ fd: gicFd, ioctl: "KVM_HAS_DEVICE_ATTR", argument: attributeOf(0, 2n) }],
    gives: true,
  },
  "setAttribute points to the value": {
    act: ({ gic }) => gic.setAttribute(0, 2, words64(0x0800_0000n)),
    calls: [{
      fd: gicFd,
      ioctl: "KVM_SET_DEVICE_ATTR",
      argument: attributeOf(0, 2n),
      pointee: words64(0x0800_0000n),
    }],
  },
  "setAttribute of a command points to nothing": {
    act: ({ gic }) => gic.setAttribute(4, 0),
    calls: [{
      fd: gicFd,
      ioctl: "KVM_SET_DEVICE_ATTR",
      argument: attributeOf(4, 0n),
      pointee: new Uint8Array(0),
    }],
  },
  "getAttribute takes attributes of 64 bits and gives the value's bytes": {
    act: ({ gic }) => gic.getAttribute(3, 0xffff_ffff_0000_0000n, 4),
    script: { KVM_GET_DEVICE_ATTR: pointsTo(words32(64)) },
    calls: [{
      fd: gicFd,
      ioctl: "KVM_GET_DEVICE_ATTR",
      argument: attributeOf(3, 0xffff_ffff_0000_0000n),
      pointee: new Uint8Array(4),
    }],
    gives: words32(64),
  },
  "a vcpu has attributes too": {
    act: ({ vcpu }) => vcpu.hasAttribute(1, 0),
    calls: [{ fd: vcpuFd, ioctl: "KVM_HAS_DEVICE_ATTR", argument: attributeOf(1, 0n) }],
    gives: true,
  },
};

testCases({ ...vcpuCases, ...deviceCases });

Deno.test("KVM_RUN interrupted is an answer, not an error", () => {
  assertEquals(handles({ KVM_RUN: -errno.EINTR }).vcpu.run(), errno.EINTR);
});

Deno.test("an attribute the device does not know is not there", () => {
  assertEquals(handles({ KVM_HAS_DEVICE_ATTR: -errno.ENXIO }).gic.hasAttribute(9, 9), false);
});

Deno.test("mapRunPage maps as much as the system says a run page has", () => {
  const { vcpu, pages } = handles();
  const page = vcpu.mapRunPage();
  assertEquals(page.buffer, pages[0]);
  assertEquals(page.buffer.byteLength, 8192);
});
