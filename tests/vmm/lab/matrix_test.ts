// The matrix of all combinations: what it tries, how few rows tell it, and that the guest's view is checked.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { interpreterBackend } from "../../../vmm/interpreter/backend.ts";
import { findHost } from "../../../vmm/interpreter/hosts.ts";
import { Kvm } from "../../../vmm/kvm/system.ts";
import { acceptableSets } from "../../../vmm/kvm/vector_lengths.ts";
import { differences, expectedOf, linesOf, requestFor } from "../../../vmm/lab/guest_view.ts";
import { formatLengthSet, lengthSetsToTry } from "../../../vmm/lab/length_sets.ts";
import { type HostMatrix, type Tried, tryEverything } from "../../../vmm/lab/matrix.ts";
import { bootEach } from "../../../vmm/lab/matrix_guests.ts";
import { formatCombination, reasonsOf, summarize } from "../../../vmm/lab/matrix_summary.ts";

const matrixOf = (...names: string[]) =>
  tryEverything(names.map((name) => ({ name, kvm: Kvm.open(interpreterBackend(findHost(name))) })));
const labelsWith = (answer: 0 | string, host: HostMatrix) =>
  summarize([host]).filter(({ answers }) => answers[0] === answer).map(({ label }) => label);

Deno.test("every subset is tried of a host with few lengths, and telling ones of a host with many", () => {
  const few = lengthSetsToTry([128, 256, 512]).map((set) => set.join());
  for (let word = 0; word < 8; word++) {
    assert(few.includes([128, 256, 512].filter((_, bit) => word >> bit & 1).join()), `${word}`);
  }
  assert(few.includes("128,256,384") && few.includes("128,256,384,512"), "a length that the host lacks");
  const all = findHost("max").vectorLengths;
  const many = lengthSetsToTry(all).map((set) => set.join());
  assertEquals(new Set(many).size, many.length);
  for (const set of [...acceptableSets(all), [], [512], all.filter((length) => length !== 384)]) {
    assert(many.includes(set.join()), set.join());
  }
  assertEquals(lengthSetsToTry([]), []);
});

Deno.test("lengths in a row are named by their first and last", () => {
  assertEquals(formatLengthSet([128, 256, 512]), "{128, 256, 512}");
  assertEquals(formatLengthSet([128, 384, 512, 640, 768]), "{128, 384…768}");
  assertEquals(formatLengthSet([]), "{}");
});

Deno.test("more than 200 combinations are tried, and few rows tell them", () => {
  const [host] = matrixOf("pow2-512") as [HostMatrix];
  assert(host.combinations.length > 200, `${host.combinations.length}`);
  assertEquals(labelsWith(0, host), [
    "no feature",
    "EL1_32BIT",
    "PSCI_0_2",
    "PMU_V3",
    "SVE",
    "PTRAUTH_ADDRESS | PTRAUTH_GENERIC",
    "SVE {128}",
    "SVE {128, 256}",
    "SVE {128, 256, 512}",
  ]);
  for (const label of ["PTRAUTH_ADDRESS", "SVE {128, 512}", "SVE {128…384}", "SVE {}"]) {
    assert(labelsWith("EINVAL", host).includes(label), label);
  }
});

Deno.test("the rows predict every combination, by the rule that is printed with them", () => {
  for (const host of ["pow2-512", "neoverse-n1", "max", "a64fx"].flatMap((name) => matrixOf(name))) {
    const rows = new Map(summarize([host]).map(({ label, answers }) => [label, answers[0]]));
    const accepted = [...rows].filter(([, answer]) => answer === 0).map(([label]) => label.split(" | "));
    const refused = [...rows].filter(([, answer]) => answer !== 0).map(([label]) => label.split(" | "));
    for (const one of host.combinations) {
      // Rows that are drawn together do not name all their sets.
      if (one.vectorLengths && host.offer.vectorLengths.length > 4) continue;
      const parts = formatCombination(one).split(" | ");
      const within = (row: string[]) => row.every((part) => parts.includes(part));
      const consists = parts.every((part) => accepted.some((row) => within(row) && row.includes(part)));
      const own = rows.get(parts.join(" | "));
      const predicted = own ?? (consists ? 0 : refused.some(within) ? "EINVAL" : undefined);
      assertEquals(predicted, one.answer, `${host.name}: ${parts.join(" | ")}`);
    }
  }
});

Deno.test("a refusal says which call refused, and why in terms of what was asked", () => {
  const [host] = matrixOf("pow2-512") as [HostMatrix];
  const becauseOf = (label: string) => host.combinations.find((one) => formatCombination(one) === label)!;
  const gap = becauseOf("SVE {128, 512}");
  assertEquals([gap.answer, gap.ioctl], ["EINVAL", "KVM_SET_ONE_REG"]);
  assertStringIncludes(gap.because!, "the host has 256 bits too");
  const half = becauseOf("PMU_V3 | PTRAUTH_GENERIC");
  assertEquals([half.ioctl, half.because], [
    "KVM_ARM_VCPU_INIT",
    "pointer authentication is given whole or not at all",
  ]);
});

Deno.test("hosts are asked for one another's lengths, and a reason that several share is told once", () => {
  const hosts = matrixOf("pow2-512", "vq4", "no-sve");
  const rows = summarize(hosts);
  const row = rows.find(({ label }) => label === "SVE {128, 256, 512}")!;
  assertEquals(row.answers, [0, "EINVAL", "EINVAL"]);
  assertStringIncludes(row.reasons[1]!, "the host has 384 bits too");
  const texts = reasonsOf(rows).map(({ text }) => text.replaceAll(/\d+/g, "n"));
  assertEquals(new Set(texts).size, texts.length);
});

Deno.test("what the guest sees otherwise than it was given is said line by line", () => {
  const registers = new Map([["MIDR_EL1", 0x10n]]);
  const given = { vectorLengths: [128, 256], ptrauth: false, pmu: true };
  const seen = linesOf(
    "midr_el1: 0x0000000000000010\nsve: 128\npauth address: none\npauth generic: none\npauth hints: nop\npmu version: 4\n",
  );
  assertEquals(differences(expectedOf(given, registers), seen), [
    'the guest sees "sve: 128", and was given 128 256',
  ]);
  seen.delete("pmu version");
  assertEquals(differences(expectedOf({ ...given, vectorLengths: [128] }, registers), seen), [
    'the guest says nothing of "pmu version", which must be one',
  ]);
});

const ofFeatures = (tried: readonly Tried[], ...features: string[]) =>
  tried.find((one) => one.vectorLengths?.length !== 0 && one.features.join() === features.join())!;

Deno.test("guests boot in what they can be given, and see what was negotiated", async () => {
  const [host] = matrixOf("neoverse-v2") as [HostMatrix];
  const isFew = (one: Tried) =>
    one.features.length === 4 && !one.features.includes("KVM_ARM_VCPU_SVE") ||
    one.vectorLengths !== undefined && one.features.length === 2;
  const few = { ...host, combinations: host.combinations.filter(isFew) };
  const told: number[] = [];
  const boots = await bootEach(
    [few],
    (name) => interpreterBackend(findHost(name)),
    (ended) => told.push(ended),
  );
  assertEquals(boots.map(({ combination, differs }) => [formatCombination(combination), differs]), [
    ["PSCI_0_2 | SVE {128}", []],
    ["PSCI_0_2 | PMU_V3 | PTRAUTH_ADDRESS | PTRAUTH_GENERIC", []],
  ]);
  assertEquals(told, [0, 1, 2]);
  assertEquals(requestFor(ofFeatures(host.combinations)), undefined);
});
