// The hosts that the interpreter can pretend to be: each offers what it says, its ID registers agree with
// that, and with what QEMU's model of the same processor shows.

import { assert, assertEquals } from "@std/assert";
import { acceptableSets, lengthsOfVls, quadword, vlsOfLengths } from "../../../vmm/kvm/vector_lengths.ts";
import { interpreterBackend } from "../../../vmm/interpreter/backend.ts";
import type { HostProfile } from "../../../vmm/interpreter/host_profile.ts";
import { findHost, hosts } from "../../../vmm/interpreter/hosts.ts";
import { everythingAuto } from "../../../vmm/kvm/feature_request.ts";
import { Kvm } from "../../../vmm/kvm/system.ts";
import type { Vcpu } from "../../../vmm/kvm/vcpu.ts";
import { askHost, idRegisters, withVm } from "../../../vmm/kvm/host_offer.ts";
import { configureVcpu, negotiate, type Plan } from "../../../vmm/kvm/negotiation.ts";
import { KVM_REG_ARM64_SVE_VLS } from "../../../vmm/kvm/register_id.ts";
import { qemuTest } from "../../devices/qtest.ts";
import { seenInQemu } from "../../guest/features_in_qemu.ts";

/** Asks a vcpu that has everything the host offers. */
function askVcpu<T>(profile: HostProfile, question: (vcpu: Vcpu) => T): T {
  const kvm = Kvm.open(interpreterBackend(profile));
  const offer = askHost(kvm);
  const { plan } = negotiate(everythingAuto, offer) as { plan: Plan };
  return withVm(kvm, offer.ipaBits, (vm) => {
    const vcpu = vm.createVcpu(0);
    configureVcpu(vcpu, offer.target, plan);
    return question(vcpu);
  });
}

Deno.test("each host offers what its profile says", () => {
  for (const profile of hosts) {
    const offer = askHost(Kvm.open(interpreterBackend(profile)));
    const hasPtrauth = profile.ptrauth !== "none";
    assertEquals(offer.vectorLengths, profile.vectorLengths, profile.name);
    assertEquals([offer.ptrauthAddress, offer.ptrauthGeneric], [hasPtrauth, hasPtrauth], profile.name);
    assertEquals([offer.ipaBits, offer.pmu], [profile.ipaBits, profile.pmuCounters > 0], profile.name);
    assertEquals(offer.gics, profile.gics, profile.name);
  }
});

Deno.test("each host takes its own sets of vector lengths and no set with a gap", () => {
  for (const { name, ...rest } of hosts.filter(({ vectorLengths }) => vectorLengths.length > 1)) {
    const kvm = Kvm.open(interpreterBackend({ name, ...rest }));
    const { target } = askHost(kvm);
    const vcpu = kvm.createVm().createVcpu(0);
    vcpu.init(target, ["KVM_ARM_VCPU_SVE"]);
    for (const lengths of acceptableSets(rest.vectorLengths)) {
      vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, vlsOfLengths(lengths));
      assertEquals(lengthsOfVls(vcpu.getRegisterBytes(KVM_REG_ARM64_SVE_VLS)), lengths, name);
    }
    const withGap = rest.vectorLengths.slice(1);
    let refused = false;
    try {
      vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, vlsOfLengths(withGap));
    } catch {
      refused = true;
    }
    assert(refused, `${name} takes ${withGap}`);
  }
});

Deno.test("ID registers say of SVE, pointer authentication and the PMU what the host offers", () => {
  const algorithms = { none: [0n, 0n, 0n], qarma5: [1n, 0n, 0n], impdef: [0n, 1n, 0n], qarma3: [0n, 0n, 1n] };
  const field = (value: bigint | undefined, shift: bigint) => (value ?? 0n) >> shift & 0xfn;
  for (const profile of hosts) {
    const shown = askVcpu(profile, idRegisters);
    assertEquals(field(shown.ID_AA64PFR0_EL1, 32n) > 0n, profile.vectorLengths.length > 0, profile.name);
    assertEquals(field(shown.ID_AA64DFR0_EL1, 8n) > 0n, profile.pmuCounters > 0, profile.name);
    // GPA and GPI of ID_AA64ISAR1_EL1, GPA3 of ID_AA64ISAR2_EL1.
    const generic = [
      field(shown.ID_AA64ISAR1_EL1, 24n),
      field(shown.ID_AA64ISAR1_EL1, 28n),
      field(shown.ID_AA64ISAR2_EL1, 8n),
    ];
    assertEquals(generic, algorithms[profile.ptrauth], profile.name);
  }
});

/** ID_AA64PFR0_EL1's EL2 and EL3: QEMU's machine has neither. */
const higherLevels = 0xff00n;

for (const name of ["neoverse-n1", "a64fx"]) {
  qemuTest(`${name} has the ID registers and vector lengths of QEMU's model of it`, async () => {
    const seen = await seenInQemu(name);
    const profile = findHost(name);
    const shown = askVcpu(profile, idRegisters);
    const hidden = (register: string) => register === "ID_AA64PFR0_EL1" ? higherLevels : 0n;
    for (const [key, value] of Object.entries(seen).filter(([key]) => /^(midr|id_)/.test(key))) {
      const register = key.toUpperCase();
      const mask = ~hidden(register);
      assertEquals((shown[register] ?? 0n) & mask, BigInt(value) & mask, register);
    }
    assertEquals(profile.vectorLengths.join(" ") || "none", seen.sve);
    assertEquals(profile.ptrauth, seen["pauth address"]);
  });
}

Deno.test("every vector length of every host is a multiple of 128 bits, and 128 is among them", () => {
  for (const { name, vectorLengths } of hosts.filter(({ vectorLengths }) => vectorLengths.length)) {
    assert(vectorLengths.every((length) => length % quadword === 0), name);
    assertEquals(vectorLengths[0], quadword, name);
  }
});
