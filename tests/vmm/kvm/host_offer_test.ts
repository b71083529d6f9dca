// What a host offers, asked of a scripted one: the answers of hosts as they were observed.

import { assertEquals, assertThrows } from "@std/assert";
import { capabilities, type Capability } from "../../../vmm/kvm/capabilities.ts";
import { errno } from "../../../vmm/kvm/errno.ts";
import { Kvm } from "../../../vmm/kvm/system.ts";
import { Vcpu } from "../../../vmm/kvm/vcpu.ts";
import { askHost, idRegisters } from "../../../vmm/kvm/host_offer.ts";
import { KvmError } from "../../../vmm/kvm/kvm_error.ts";
import { registerNamed } from "../../../vmm/kvm/register_id.ts";
import {
  answersWith,
  fill,
  pointsTo,
  type Script,
  scriptedBackend,
  words32,
  words64,
} from "./scripted_backend.ts";

const [vmFd, vcpuFd] = [4, 5];
const KVM_DEV_TYPE_ARM_VGIC_V3 = 7;

function host(has: Partial<Record<Capability, number>>, vls: bigint, more: Script = {}) {
  const answers = new Map(
    Object.entries(has).map(([name, answer]) => [capabilities[name as Capability].number as number, answer]),
  );
  const scripted = scriptedBackend({
    KVM_GET_API_VERSION: 12,
    KVM_CHECK_EXTENSION: ({ argument }) => answers.get(argument as number) ?? 0,
    KVM_CREATE_VM: vmFd,
    KVM_GET_VCPU_MMAP_SIZE: 4096,
    KVM_CREATE_VCPU: vcpuFd,
    KVM_CREATE_DEVICE: ({ argument }) =>
      (argument as Uint8Array)[0] === KVM_DEV_TYPE_ARM_VGIC_V3 ? 0 : -errno.ENODEV,
    KVM_ARM_PREFERRED_TARGET: answersWith(words32(5)),
    KVM_GET_ONE_REG: pointsTo(words64(vls)),
    ...more,
  });
  return { ...scripted, kvm: Kvm.open(scripted.backend) };
}

const plain = { KVM_CAP_ARM_PSCI_0_2: 1, KVM_CAP_MAX_VCPUS: 512, KVM_CAP_NR_VCPUS: 2 };
const full = {
  ...plain,
  KVM_CAP_ARM_SVE: 1,
  KVM_CAP_ARM_PTRAUTH_ADDRESS: 1,
  KVM_CAP_ARM_PTRAUTH_GENERIC: 1,
  KVM_CAP_ARM_PMU_V3: 1,
  KVM_CAP_ARM_VM_IPA_SIZE: 48,
  KVM_CAP_GUEST_DEBUG_HW_BPS: 6,
  KVM_CAP_GUEST_DEBUG_HW_WPS: 4,
  KVM_CAP_ARM_MTE: 1,
};

Deno.test("a host with everything offers the lengths its VLS register names", () => {
  const { kvm } = host(full, 0xbn);
  assertEquals(askHost(kvm), {
    vectorLengths: [128, 256, 512],
    ptrauthAddress: true,
    ptrauthGeneric: true,
    pmu: true,
    target: 5,
    ipaBits: 48,
    maxVcpus: 512,
    recommendedVcpus: 2,
    gics: ["v3"],
    its: false,
    breakpoints: 6,
    watchpoints: 4,
    aarch32: false,
    mte: true,
  });
});

Deno.test("the lengths are read after INIT with SVE, before FINALIZE, of a vcpu made for the question", () => {
  const { kvm, calls } = host(full, 0xfn);
  askHost(kvm);
  const ofVcpu = calls.filter(({ fd }) => fd === vcpuFd);
  assertEquals(ofVcpu.map(({ ioctl }) => ioctl), ["KVM_ARM_VCPU_INIT", "KVM_GET_ONE_REG"]);
  assertEquals(ofVcpu[0]?.argument, words32(5, 1 << 4, 0, 0, 0, 0, 0, 0));
});

Deno.test("a host without SVE is asked for no lengths, and one without an IPA capability has 40 bits", () => {
  const { kvm, calls } = host(plain, 0n);
  const { vectorLengths, ipaBits, ptrauthAddress, ptrauthGeneric, pmu } = askHost(kvm);
  assertEquals([vectorLengths, ipaBits, ptrauthAddress, ptrauthGeneric, pmu], [[], 40, false, false, false]);
  assertEquals(calls.some(({ ioctl }) => ioctl === "KVM_CREATE_VCPU"), false);
});

Deno.test("asking leaves nothing behind, whether it succeeds or not", () => {
  const able = host(full, 0xfn);
  askHost(able.kvm);
  assertEquals(able.closed, [vcpuFd, vmFd]);

  const unable = host(full, 0xfn, { KVM_ARM_VCPU_INIT: -errno.EINVAL });
  assertThrows(() => askHost(unable.kvm), KvmError, "KVM_ARM_VCPU_INIT answered EINVAL");
  assertEquals(unable.closed, [vcpuFd, vmFd]);
});

Deno.test("the ID registers of a vcpu are shown by name, other registers are not", () => {
  const ids = ["MIDR_EL1", "X0", "ID_AA64PFR0_EL1", "CTR_EL0", "SCTLR_EL1"].map(registerNamed);
  const { backend } = scriptedBackend({
    KVM_GET_REG_LIST({ argument }) {
      const hasRoom = (argument as Uint8Array).length > 8;
      fill(argument, words64(5n, ...hasRoom ? ids : []));
      return hasRoom ? 0 : -errno.E2BIG;
    },
    KVM_GET_ONE_REG({ pointee, argument }) {
      fill(pointee, (argument as Uint8Array<ArrayBuffer>).slice(0, 2));
      return 0;
    },
  });
  const shown = idRegisters(new Vcpu(backend, vcpuFd, 0, 4096));
  assertEquals(shown, {
    MIDR_EL1: registerNamed("MIDR_EL1") & 0xffffn,
    ID_AA64PFR0_EL1: registerNamed("ID_AA64PFR0_EL1") & 0xffffn,
    CTR_EL0: registerNamed("CTR_EL0") & 0xffffn,
  });
});

Deno.test("a host with fewer address bits than the default is asked for no more than it has", () => {
  for (const [offered, asked] of [[36, 36], [40, 0], [48, 0]] as const) {
    const { kvm, calls } = host({ ...full, KVM_CAP_ARM_VM_IPA_SIZE: offered }, 0xbn);
    assertEquals(askHost(kvm).ipaBits, offered);
    assertEquals(calls.filter(({ ioctl }) => ioctl === "KVM_CREATE_VM").map(({ argument }) => argument), [
      asked,
    ]);
  }
});
