// What a plan's sentences say, for each way a feature can be granted or not.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { explain } from "../../../vmm/kvm/explanation.ts";
import { everythingAuto, type FeatureRequest } from "../../../vmm/kvm/feature_request.ts";
import type { FeatureOffer } from "../../../vmm/kvm/host_offer.ts";
import { negotiate } from "../../../vmm/kvm/negotiation.ts";

const whole: FeatureOffer = {
  vectorLengths: [128, 256, 512],
  ptrauthAddress: true,
  ptrauthGeneric: true,
  pmu: true,
};
const bare: FeatureOffer = { vectorLengths: [], ptrauthAddress: false, ptrauthGeneric: false, pmu: false };

function sentences(wanted: FeatureRequest, offered: FeatureOffer): string[] {
  const negotiated = negotiate(wanted, offered);
  assert("plan" in negotiated);
  return explain(wanted, offered, negotiated.plan);
}

Deno.test("each feature of a plan has one sentence", () => {
  assertEquals(sentences(everythingAuto, whole).length, 3);
});

Deno.test("a shorter set names what is left out, and says that the register is written", () => {
  const [sve] = sentences({ ...everythingAuto, sve: { kind: "max", bits: 256 } }, whole);
  assertStringIncludes(sve!, "leaves out {512} bits");
  assertStringIncludes(sve!, "KVM_REG_ARM64_SVE_VLS is written");
});

Deno.test("the host's own set says that the register is left as it is", () => {
  for (const sve of [{ kind: "auto" }, { kind: "exact", lengths: [128, 256, 512] }] as const) {
    assertStringIncludes(sentences({ ...everythingAuto, sve }, whole)[0]!, "left as it is");
  }
});

Deno.test("what auto does not find is told by its capability", () => {
  const told = sentences(everythingAuto, bare);
  const capabilities = ["KVM_CAP_ARM_SVE", "KVM_CAP_ARM_PTRAUTH_ADDRESS", "KVM_CAP_ARM_PMU_V3"];
  capabilities.forEach((capability, index) => assertStringIncludes(told[index]!, capability));
});

Deno.test("what was turned off says so", () => {
  for (const told of sentences({ sve: { kind: "off" }, ptrauth: "off", pmu: "off" }, whole)) {
    assertStringIncludes(told, "off, as asked");
  }
});
