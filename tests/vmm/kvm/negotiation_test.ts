// Negotiation: the pure plan held to what a 6.12 kernel answered on hosts with VLS 0xffff and 0xb (0xf follows
// by the same rule), then the calls that carry the plan out.

import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { everythingAuto, type FeatureRequest, type SveRequest } from "../../../vmm/kvm/feature_request.ts";
import { Vcpu } from "../../../vmm/kvm/vcpu.ts";
import type { FeatureOffer } from "../../../vmm/kvm/host_offer.ts";
import { KvmError } from "../../../vmm/kvm/kvm_error.ts";
import { configureVcpu, negotiate, type Plan, type Refusal } from "../../../vmm/kvm/negotiation.ts";
import { seededRandom } from "../../devices/random.ts";
import { pointsTo, type Script, scriptedBackend, words64 } from "./scripted_backend.ts";

/** Bit vq - 1 for a length of vq × 128 bits. */
const lengthsOf = (mask: number) =>
  Array.from({ length: 17 }, (_, bit) => mask >> bit & 1 ? 128 * (bit + 1) : 0).filter(Boolean);

const offer = (mask: number, more: Partial<FeatureOffer> = {}): FeatureOffer => ({
  vectorLengths: lengthsOf(mask),
  ptrauthAddress: true,
  ptrauthGeneric: true,
  pmu: true,
  ...more,
});

const wanting = (sve: SveRequest, more: Partial<FeatureRequest> = {}): FeatureRequest => ({
  ...everythingAuto,
  sve,
  ...more,
});

function planned(wanted: FeatureRequest, offered: FeatureOffer): Plan {
  const negotiated = negotiate(wanted, offered);
  assert("plan" in negotiated, `refused: ${JSON.stringify(negotiated)}`);
  return negotiated.plan;
}

function refused(wanted: FeatureRequest, offered: FeatureOffer): Refusal[] {
  const negotiated = negotiate(wanted, offered);
  assert("refusals" in negotiated, `accepted: ${JSON.stringify(negotiated)}`);
  return negotiated.refusals;
}

/** SET_ONE_REG of KVM_REG_ARM64_SVE_VLS: what a host accepts, and which length offends where it does not. */
const observed: readonly { host: number; accepts: number[]; refuses: [vls: number, offending?: number][] }[] =
  [
    {
      host: 0xffff,
      accepts: [0x1, 0x3, 0x7, 0xf, 0xffff],
      refuses: [[0xb, 384], [0x8, 128], [0x2, 128], [0x0], [0x10001, 2176]],
    },
    { host: 0xf, accepts: [0x1, 0x3, 0x7, 0xf], refuses: [[0xb, 384], [0x1f, 640], [0xffff, 640]] },
    { host: 0xb, accepts: [0x1, 0x3, 0xb], refuses: [[0x7, 384], [0xf, 384], [0xffff, 384], [0x9, 256]] },
  ];

for (const { host, accepts, refuses } of observed) {
  const hex = (mask: number) => `0x${mask.toString(16)}`;
  for (const vls of accepts) {
    Deno.test(`a host with VLS ${hex(host)} accepts exactly ${hex(vls)}`, () => {
      const lengths = lengthsOf(vls);
      assertEquals(planned(wanting({ kind: "exact", lengths }), offer(host)).vectorLengths, lengths);
    });
  }
  for (const [vls, offending] of refuses) {
    Deno.test(`a host with VLS ${hex(host)} refuses ${hex(vls)}; ${offending ?? "no length"} offends`, () => {
      const request = wanting({ kind: "exact", lengths: lengthsOf(vls) });
      const [refusal, ...others] = refused(request, offer(host));
      assertEquals(others, []);
      assertEquals(refusal?.field, "sve");
      assertEquals(refusal?.offending, offending);
      assertStringIncludes(refusal!.message, offending ? `vector length ${offending} ` : "the empty set ");
      assertEquals(refusal?.acceptable, lengthsOf(host).map((_, n) => lengthsOf(host).slice(0, n + 1)));
    });
  }
}

Deno.test("a refusal lists every set the host accepts, and the rule", () => {
  const [refusal] = refused(wanting({ kind: "exact", lengths: [128, 256, 384] }), offer(0xb));
  assertEquals(
    refusal?.message,
    "vector length 384 offends: the host's vectors cannot be 384 bits long; up to its own maximum a vcpu's " +
      "set must equal the host's, so this host accepts {128} bits or {128, 256} bits or {128, 256, 512} bits",
  );
});

/** The kernel's rule in its own terms, masks of quadwords: not empty, and the host's up to the set's own top. */
function kernelAccepts(host: number, wanted: number): boolean {
  const upToItsTop = 2 ** (32 - Math.clz32(wanted)) - 1;
  return wanted !== 0 && wanted === (host & upToItsTop);
}

/** A set of lengths; short sets are as likely as long ones. */
function randomMask({ word, below }: ReturnType<typeof seededRandom>): number {
  return (word() | word()) & 2 ** below(18) - 1;
}

Deno.test("an exact set is accepted exactly when the kernel's rule accepts it", () => {
  const random = seededRandom(3);
  const outcomes = { accepted: 0, refused: 0 };
  for (let round = 0; round < 20_000; round++) {
    const host = randomMask(random) & 0xffff | 1;
    const prefix = host & 2 ** random.below(18) - 1;
    const wanted = random.of([prefix, prefix ^ 1 << random.below(17), randomMask(random)]);
    const lengths = lengthsOf(wanted).sort(() => random.below(3) - 1);
    const negotiated = negotiate(wanting({ kind: "exact", lengths }), offer(host));
    assertEquals("plan" in negotiated, kernelAccepts(host, wanted), `host ${host}, wanted ${wanted}`);
    if ("plan" in negotiated) {
      outcomes.accepted++;
      assertEquals(negotiated.plan.vectorLengths, lengthsOf(wanted));
    } else {
      outcomes.refused++;
      checkRefusal(negotiated.refusals, host, wanted);
    }
  }
  assert(outcomes.accepted > 1000 && outcomes.refused > 1000, JSON.stringify(outcomes));
});

/** What a refusal names offends, and what it lists the kernel accepts, all of it. */
function checkRefusal(refusals: Refusal[], host: number, wanted: number) {
  const [refusal] = refusals;
  assertEquals(refusals.length, 1);
  const masks = refusal!.acceptable!.map((set) =>
    set.reduce((mask, length) => mask | 1 << length / 128 - 1, 0)
  );
  assert(masks.every((mask) => kernelAccepts(host, mask)));
  assertEquals(masks.length, lengthsOf(host).length);
  if (wanted === 0) return assertEquals(refusal!.offending, undefined);
  const bit = 1 << refusal!.offending! / 128 - 1;
  assert((host & bit) !== (wanted & bit), `${refusal!.offending} is in only one of both sets`);
}

Deno.test("a maximum gives the host's set up to it, and is never refused while a length is left", () => {
  const random = seededRandom(4);
  for (let round = 0; round < 2000; round++) {
    const host = randomMask(random) & 0xffff | 1;
    const bits = 128 * (1 + random.below(16));
    const expected = lengthsOf(host).filter((length) => length <= bits);
    assertEquals(planned(wanting({ kind: "max", bits }), offer(host)).vectorLengths, expected);
  }
});

Deno.test("a maximum below the host's shortest length is refused", () => {
  const [refusal] = refused(wanting({ kind: "max", bits: 128 }), offer(0x6));
  assertEquals(refusal?.offending, 128);
  assertStringIncludes(refusal!.message, "the host's shortest vector is longer than 128 bits");
});

Deno.test("auto takes all the host has", () => {
  assertEquals(planned(everythingAuto, offer(0xb)), {
    features: [
      "KVM_ARM_VCPU_PSCI_0_2",
      "KVM_ARM_VCPU_PMU_V3",
      "KVM_ARM_VCPU_SVE",
      "KVM_ARM_VCPU_PTRAUTH_ADDRESS",
      "KVM_ARM_VCPU_PTRAUTH_GENERIC",
    ],
    vectorLengths: [128, 256, 512],
    ptrauth: true,
    pmu: true,
  });
});

const bare = offer(0, { ptrauthAddress: false, ptrauthGeneric: false, pmu: false });
const nothing: Plan = { features: ["KVM_ARM_VCPU_PSCI_0_2"], vectorLengths: [], ptrauth: false, pmu: false };

Deno.test("auto takes nothing from a host that has nothing, and off takes nothing from one that has all", () => {
  assertEquals(planned(everythingAuto, bare), nothing);
  assertEquals(planned({ sve: { kind: "off" }, ptrauth: "off", pmu: "off" }, offer(0xffff)), nothing);
});

for (const sve of [{ kind: "max", bits: 512 }, { kind: "exact", lengths: [128] }] as const) {
  Deno.test(`SVE ${sve.kind} is refused on a host without SVE`, () => {
    const [refusal] = refused(wanting(sve), bare);
    assertEquals(refusal?.field, "sve");
    assertEquals(refusal?.acceptable, []);
    assertStringIncludes(refusal!.message, "this host has no SVE (KVM_CAP_ARM_SVE is 0)");
  });
}

const halves = [[true, true], [true, false], [false, true], [false, false]] as const;

for (const [ptrauthAddress, ptrauthGeneric] of halves) {
  const isWhole = ptrauthAddress && ptrauthGeneric;
  const has = `address ${ptrauthAddress ? 1 : 0}, generic ${ptrauthGeneric ? 1 : 0}`;
  const offered = offer(0, { ptrauthAddress, ptrauthGeneric });

  Deno.test(`pointer authentication is granted whole or not at all: ${has}`, () => {
    const plan = planned(everythingAuto, offered);
    const granted = plan.features.filter((feature) => feature.includes("PTRAUTH"));
    assertEquals(granted.length, isWhole ? 2 : 0);
    assertEquals(plan.ptrauth, isWhole);
  });

  Deno.test(`pointer authentication that must be is ${isWhole ? "granted" : "refused"}: ${has}`, () => {
    const wanted = wanting({ kind: "off" }, { ptrauth: "on" });
    if (isWhole) return assertEquals(planned(wanted, offered).ptrauth, true);
    const [refusal] = refused(wanted, offered);
    assertEquals(refusal?.field, "ptrauth");
    assertEquals(refusal?.message.includes("KVM_CAP_ARM_PTRAUTH_ADDRESS"), !ptrauthAddress);
    assertEquals(refusal?.message.includes("KVM_CAP_ARM_PTRAUTH_GENERIC"), !ptrauthGeneric);
    assertStringIncludes(refusal!.message, "a vcpu gets both halves or neither");
  });
}

Deno.test("performance monitors that must be are refused on a host without them", () => {
  assertEquals(planned(wanting({ kind: "off" }, { pmu: "on" }), offer(0)).pmu, true);
  const [refusal] = refused(wanting({ kind: "off" }, { pmu: "on" }), bare);
  assertEquals(refusal?.field, "pmu");
  assertStringIncludes(refusal!.message, "KVM_CAP_ARM_PMU_V3 is 0");
});

Deno.test("everything that is refused is told at once, each in one sentence", () => {
  const refusals = refused({ sve: { kind: "max", bits: 128 }, ptrauth: "on", pmu: "on" }, bare);
  assertEquals(refusals.map(({ field }) => field), ["sve", "ptrauth", "pmu"]);
  for (const { message } of refusals) assertMatch(message, /^[a-z][^.]+$/);
});

/** A vcpu of a host with this VLS, and the ioctls made on it. */
function vcpuOf(vls: bigint, script: Script = {}) {
  const { backend, calls } = scriptedBackend({
    KVM_GET_ONE_REG: pointsTo(words64(vls)),
    ...script,
  });
  return { vcpu: new Vcpu(backend, 5, 0, 4096), calls };
}

const withSve = (...vectorLengths: number[]): Plan => ({
  ...nothing,
  features: ["KVM_ARM_VCPU_PSCI_0_2", "KVM_ARM_VCPU_SVE"],
  vectorLengths,
});

Deno.test("a plan of fewer lengths is carried out in the document's order, VLS written before FINALIZE", () => {
  const { vcpu, calls } = vcpuOf(0xfn);
  configureVcpu(vcpu, 5, withSve(128, 256));
  assertEquals(calls.map(({ ioctl }) => ioctl), [
    "KVM_ARM_VCPU_INIT",
    "KVM_GET_ONE_REG",
    "KVM_SET_ONE_REG",
    "KVM_ARM_VCPU_FINALIZE",
  ]);
  assertEquals(calls[2]?.pointee, words64(3n, 0n, 0n, 0n, 0n, 0n, 0n, 0n));
});

Deno.test("VLS is not written where it is what the plan wants", () => {
  const { vcpu, calls } = vcpuOf(0x3n);
  configureVcpu(vcpu, 5, withSve(128, 256));
  assertEquals(calls.map(({ ioctl }) => ioctl), [
    "KVM_ARM_VCPU_INIT",
    "KVM_GET_ONE_REG",
    "KVM_ARM_VCPU_FINALIZE",
  ]);
});

Deno.test("a plan without SVE is only an INIT, with the features the caller adds", () => {
  const { vcpu, calls } = vcpuOf(0xfn);
  configureVcpu(vcpu, 5, nothing, ["KVM_ARM_VCPU_POWER_OFF"]);
  assertEquals(calls.map(({ ioctl }) => ioctl), ["KVM_ARM_VCPU_INIT"]);
  const [target, features] = new Uint32Array((calls[0]!.argument as Uint8Array<ArrayBuffer>).buffer);
  assertEquals([target, features], [5, 0b101]);
});

Deno.test("a set of lengths the kernel refuses all the same ends the configuration with its error", () => {
  const { vcpu, calls } = vcpuOf(0xfn, { KVM_SET_ONE_REG: -22 });
  const error = assertThrows(() => configureVcpu(vcpu, 5, withSve(128, 256)), KvmError);
  assertStringIncludes(error.message, "KVM_SET_ONE_REG answered EINVAL while writing KVM_REG_ARM64_SVE_VLS");
  assertEquals(calls.at(-1)?.ioctl, "KVM_SET_ONE_REG");
});
