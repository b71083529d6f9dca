// Cases about the system handle and making VMs and vcpus.

import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import { capabilities, type Capability } from "../../../vmm/kvm/capabilities.ts";
import { io } from "../../../vmm/kvm/ioctl.ts";
import * as calls from "../../../vmm/kvm/ioctls.ts";
import { kvm_enable_cap } from "../../../vmm/kvm/structs.ts";
import { reportHost } from "../../../vmm/lab/host_report.ts";
import { hostReportSchema } from "../../../vmm/lab/host_report_schema.ts";
import { rawAnswer } from "../bench.ts";
import { answerOf, answersOf, type Case, defineCase, toAnswer } from "../case.ts";

const unknownCall = io(0xff, "none", {
  name: "(no such call)",
  on: "system",
  does: "nothing",
  says: "nothing",
  errors: {},
});
const unknownCapability = 0x7fff;

export const systemCases: Case[] = [
  defineCase({
    name: "the API's version is 12",
    source: 'KVM document, "4.1 KVM_GET_API_VERSION"',
    ask: ({ kvm }) => kvm.apiVersion(),
    expected: () => 12,
  }),
  defineCase({
    name: "a vcpu's shared memory is whole pages and holds kvm_run",
    source: 'KVM document, "4.5 KVM_GET_VCPU_MMAP_SIZE"',
    ask: ({ kvm }) => kvm.vcpuMmapSize(),
    check: (size) => assert(size >= 4096 && size % 4096 === 0),
  }),
  defineCase({
    name: "capabilities answer as the host offers",
    source: 'KVM document, "4.4 KVM_CHECK_EXTENSION"',
    ask({ kvm }) {
      const names = Object.keys(capabilities) as Capability[];
      return Object.fromEntries(names.map((name) => [name, kvm.checkExtension(name)]));
    },
    check(answer, offer) {
      assertEquals(answer.KVM_CAP_ARM_SVE, offer.vectorLengths.length ? 1 : 0);
      assertEquals(answer.KVM_CAP_ARM_PTRAUTH_ADDRESS, offer.ptrauthAddress ? 1 : 0);
      assertEquals(answer.KVM_CAP_ARM_PTRAUTH_GENERIC, offer.ptrauthGeneric ? 1 : 0);
      assertEquals(answer.KVM_CAP_ARM_PMU_V3, offer.pmu ? 1 : 0);
      for (const always of ["KVM_CAP_USER_MEMORY", "KVM_CAP_ONE_REG", "KVM_CAP_ARM_PSCI_0_2"] as const) {
        assertEquals(answer[always], 1);
      }
    },
  }),
  defineCase({
    name: "capabilities answer the same on a VM as on the system, where they do not depend on the VM",
    source: 'KVM document, "4.4 KVM_CHECK_EXTENSION"',
    ask(bench) {
      const vm = bench.vm();
      const names = Object.keys(capabilities) as Capability[];
      const different = names.filter((name) => vm.checkExtension(name) !== bench.kvm.checkExtension(name));
      return Object.fromEntries(different.map((name) => [name, vm.checkExtension(name)]));
    },
    expected: () => ({}),
  }),
  defineCase({
    name: "all that a host offers, as velum probe reports it",
    source: "Linux 6.12",
    ask({ kvm }) {
      const { backend: _, ...report } = reportHost(kvm);
      return toAnswer(report);
    },
    check(answer, offer) {
      const { backend: _, ...schema } = hostReportSchema.shape;
      const report = z.strictObject(schema).parse(answer);
      assertEquals(report.vectorLengths, [...offer.vectorLengths]);
      assert(report.vectorLengthSets.every((set) => set.answer === 0));
      const isHalf = (features: string[]) =>
        features.filter((name) => name.startsWith("KVM_ARM_VCPU_PTRAUTH")).length === 1;
      for (const { features, answer } of report.combinations) {
        if (isHalf(features)) assertEquals(answer, "EINVAL", "pointer authentication is whole or not at all");
      }
    },
  }),
  defineCase({
    name: "an unknown capability is not there",
    source: 'KVM document, "4.4 KVM_CHECK_EXTENSION"',
    ask: ({ kvm }) => rawAnswer(kvm, calls.KVM_CHECK_EXTENSION, unknownCapability),
    expected: () => 0,
  }),
  defineCase({
    name: "an unknown call, or one for another kind of handle, is EINVAL",
    source: "Linux 6.12",
    ask(bench) {
      const vm = bench.vm();
      const vcpu = bench.blankVcpu(vm);
      return {
        "on the system": rawAnswer(bench.kvm, unknownCall, 0),
        "on a VM": rawAnswer(vm, unknownCall, 0),
        "a VM's call on the system": rawAnswer(bench.kvm, calls.KVM_CREATE_VCPU, 0),
        "the system's call on a VM": rawAnswer(vm, calls.KVM_CREATE_VM, 0),
        "a vcpu's call on a VM": rawAnswer(vm, calls.KVM_RUN, 0),
        "a VM's call on a vcpu": rawAnswer(vcpu, calls.KVM_CREATE_VCPU, 1),
      };
    },
    expected: () => ({
      "on the system": "EINVAL",
      "on a VM": "EINVAL",
      "a VM's call on the system": "EINVAL",
      "the system's call on a VM": "EINVAL",
      "a vcpu's call on a VM": "EINVAL",
      "a VM's call on a vcpu": "EINVAL",
    }),
  }),
  defineCase({
    name: "a call that takes no argument refuses one",
    source: "Linux 6.12",
    ask(bench) {
      const vcpu = bench.vcpu();
      return {
        KVM_GET_API_VERSION: rawAnswer(bench.kvm, calls.KVM_GET_API_VERSION, 1),
        KVM_GET_VCPU_MMAP_SIZE: rawAnswer(bench.kvm, calls.KVM_GET_VCPU_MMAP_SIZE, 1),
        KVM_RUN: rawAnswer(vcpu, calls.KVM_RUN, 1),
      };
    },
    expected: () => ({ KVM_GET_API_VERSION: "EINVAL", KVM_GET_VCPU_MMAP_SIZE: "EINVAL", KVM_RUN: "EINVAL" }),
  }),
  defineCase({
    name: "a VM has 40 address bits by default, and from 32 up to as many as the host offers",
    source: 'KVM document, "4.2 KVM_CREATE_VM", KVM_VM_TYPE_ARM_IPA_SIZE',
    ask(bench) {
      const most = bench.offer.ipaBits;
      const create = (bits: number) => () => void bench.vm(bits);
      return answersOf({
        default: create(0),
        31: create(31),
        32: create(32),
        36: create(36),
        most: create(most),
        "most + 1": create(most + 1),
        "a bit beyond the field": create(1 << 8),
      });
    },
    expected: () => ({
      default: 0,
      31: "EINVAL",
      32: 0,
      36: 0,
      most: 0,
      "most + 1": "EINVAL",
      "a bit beyond the field": "EINVAL",
    }),
  }),
  defineCase({
    name: "a vcpu's number is used once and lies below KVM_CAP_MAX_VCPUS",
    source: 'KVM document, "4.7 KVM_CREATE_VCPU"',
    ask(bench) {
      const vm = bench.vm();
      const create = (index: number) => () => void bench.blankVcpu(vm, index);
      return answersOf({
        first: create(0),
        again: create(0),
        "out of order": create(5),
        last: create(bench.offer.maxVcpus - 1),
        most: create(bench.offer.maxVcpus),
      });
    },
    expected: () => ({ first: 0, again: "EEXIST", "out of order": 0, last: 0, most: "EINVAL" }),
  }),
  defineCase({
    name: "the preferred target is the generic ARMv8 CPU, without features",
    source: 'KVM document, "4.83 KVM_ARM_PREFERRED_TARGET"',
    ask: (bench) => bench.vm().preferredTarget(),
    expected: ({ target }) => ({ target, features: [0, 0, 0, 0, 0, 0, 0] }),
  }),
  defineCase({
    name: "a capability is enabled only where it can be, without flags",
    source: 'KVM document, "4.37 KVM_ENABLE_CAP"',
    ask(bench) {
      const vm = bench.vm();
      const { number } = capabilities.KVM_CAP_ARM_NISV_TO_USER;
      return {
        "KVM_CAP_ARM_NISV_TO_USER": answerOf(() => vm.enableCapability("KVM_CAP_ARM_NISV_TO_USER")),
        "a second time": answerOf(() => vm.enableCapability("KVM_CAP_ARM_NISV_TO_USER")),
        "KVM_CAP_ARM_SYSTEM_SUSPEND": answerOf(() => vm.enableCapability("KVM_CAP_ARM_SYSTEM_SUSPEND")),
        "one that is always on": answerOf(() => vm.enableCapability("KVM_CAP_ONE_REG")),
        "one nobody knows": rawAnswer(
          vm,
          calls.KVM_ENABLE_CAP,
          kvm_enable_cap.pack({ cap: unknownCapability }),
        ),
        "with flags": rawAnswer(vm, calls.KVM_ENABLE_CAP, kvm_enable_cap.pack({ cap: number, flags: 1 })),
      };
    },
    expected: () => ({
      "KVM_CAP_ARM_NISV_TO_USER": 0,
      "a second time": 0,
      "KVM_CAP_ARM_SYSTEM_SUSPEND": 0,
      "one that is always on": "EINVAL",
      "one nobody knows": "EINVAL",
      "with flags": "EINVAL",
    }),
  }),
];
