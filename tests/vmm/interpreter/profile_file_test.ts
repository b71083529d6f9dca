// A host in a JSON file: what it takes from another host and what is its own; and what is wrong with it.

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { interpreterBackend } from "../../../vmm/interpreter/backend.ts";
import { hosts } from "../../../vmm/interpreter/hosts.ts";
import { parseProfile } from "../../../vmm/interpreter/profile_file.ts";
import { RequestError } from "../../../vmm/kvm/request_error.ts";
import { Kvm } from "../../../vmm/kvm/system.ts";
import { reportHost } from "../../../vmm/lab/host_report.ts";

const parse = (described: unknown) => parseProfile("own.json", JSON.stringify(described), hosts);
const named = (name: string) => hosts.find((host) => host.name === name)!;

Deno.test("an empty description is like max", () => {
  const { name, about, ...rest } = parse({});
  const { name: _name, about: _about, ...max } = named("max");
  assertEquals([name, about], ["own.json", "like max"]);
  assertEquals(rest, max);
});

Deno.test("what a description says is its own, the rest is the other host's", () => {
  const host = parse({
    like: "neoverse-v1",
    vectorLengths: [256, 128, 512],
    ipaBits: 40,
    gics: ["v2", "v3"],
  });
  assertEquals(host.vectorLengths, [128, 256, 512]);
  assertEquals([host.ipaBits, host.ptrauth, host.gics], [40, "qarma5", ["v2", "v3"]]);
  assertEquals(host.idRegisters.MIDR_EL1, named("neoverse-v1").idRegisters.MIDR_EL1);
});

Deno.test("an ID register that is given is taken, but for the fields that the rest of the description says", () => {
  const given = {
    ID_AA64ISAR0_EL1: "0x10",
    ID_AA64PFR0_EL1: "0x0000000100110011",
    ID_AA64ISAR1_EL1: "0x10000010",
  };
  const { idRegisters } = parse({ vectorLengths: [], ptrauth: "qarma3", idRegisters: given });
  assertEquals(idRegisters.ID_AA64ISAR0_EL1, 0x10n);
  assertEquals(idRegisters.ID_AA64PFR0_EL1, 0x0111_0011n);
  assertEquals([idRegisters.ID_AA64ISAR1_EL1, idRegisters.ID_AA64ISAR2_EL1], [0n, 0x1100n]);
});

Deno.test("a host is what was reported of it", () => {
  for (const host of hosts) {
    const report = reportHost(Kvm.open(interpreterBackend(host)));
    assertEquals(reportHost(Kvm.open(interpreterBackend(parse(report)))), report, host.name);
  }
});

Deno.test("a report of another version, or one that is not whole, is refused", () => {
  const report = reportHost(Kvm.open(interpreterBackend(named("max"))));
  const refused = (changed: object) =>
    assertThrows(() => parse({ ...report, ...changed }), RequestError).message;
  assertStringIncludes(refused({ schema: "velum/host-report/2" }), "this Velum reads velum/host-report/1");
  assertStringIncludes(refused({ vectorLengths: undefined }), '"vectorLengths" is a list');
  assertStringIncludes(refused({ ptrauth: true }), "one of none, qarma5");
  assertStringIncludes(refused({ idRegisters: 3 }), '"idRegisters" is an object');
});

const wrong: readonly [described: unknown, says: string][] = [
  [[], "not a JSON object"],
  [null, "not a JSON object"],
  [{ like: "cortex-m0" }, '"like" is one of max'],
  [{ lengths: [128] }, 'there is no "lengths"; it can have like'],
  [{ constructor: 1 }, 'there is no "constructor"'],
  [{ about: 7 }, '"about" is a text'],
  [{ vectorLengths: 128 }, '"vectorLengths" is a list'],
  [{ vectorLengths: [100] }, "multiples of 128"],
  [{ vectorLengths: [128, 128] }, "each once"],
  [{ vectorLengths: [128, 512] }, "every power of two"],
  [{ vectorLengths: [4096] }, "up to 2048"],
  [{ ptrauth: true }, "one of none, qarma5, qarma3, impdef"],
  [{ ipaBits: 31 }, "from 32 to 52"],
  [{ ipaBits: 40.5 }, "from 32 to 52"],
  [{ pmuCounters: 32 }, "to 31"],
  [{ gics: [] }, '"gics" is a list'],
  [{ gics: ["v4"] }, '"gics" is a list'],
  [{ cpus: 0 }, "from 1 to 512"],
  [{ idRegisters: [] }, '"idRegisters" is an object'],
  [{ idRegisters: { SCTLR_EL1: "0x1" } }, "which SCTLR_EL1 is not"],
  [{ idRegisters: { ID_NOTHING: "0x1" } }, "which ID_NOTHING is not"],
  [{ idRegisters: { MIDR_EL1: 5 } }, "which MIDR_EL1 is not"],
  [{ idRegisters: { MIDR_EL1: "0x1ffffffffffffffff" } }, "which MIDR_EL1 is not"],
];

Deno.test("what is wrong with a description is said in one sentence", () => {
  for (const [described, says] of wrong) {
    const error = assertThrows(() => parse(described), RequestError, "own.json does not describe a host");
    assertStringIncludes(error.message, says);
    assertEquals(error.field, "host");
  }
  assertThrows(() => parseProfile("own.json", "{", hosts), RequestError, "not a JSON object");
});
