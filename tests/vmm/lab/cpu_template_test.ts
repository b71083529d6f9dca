// Firecracker's custom CPU templates: read as its documentation says, and applied where it says.

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { interpreterBackend } from "../../../vmm/interpreter/backend.ts";
import { findHost } from "../../../vmm/interpreter/hosts.ts";
import type { Backend } from "../../../vmm/kvm/backend.ts";
import { checkCapabilities, modifyRegisters } from "../../../vmm/kvm/cpu_template.ts";
import { everythingAuto } from "../../../vmm/kvm/feature_request.ts";
import { askHost, withVm } from "../../../vmm/kvm/host_offer.ts";
import { configureVcpu, negotiate, type Plan } from "../../../vmm/kvm/negotiation.ts";
import { registerNamed } from "../../../vmm/kvm/register_id.ts";
import { RequestError } from "../../../vmm/kvm/request_error.ts";
import { Kvm } from "../../../vmm/kvm/system.ts";
import { recorded, type TranscriptEntry } from "../../../vmm/kvm/transcript.ts";
import { requestWith, tellLostRegisters } from "../../../vmm/lab/cpu_template_features.ts";
import { parseCpuTemplate } from "../../../vmm/lab/cpu_template_schema.ts";
import { createVirtualMachine } from "../../../vmm/machine/virtual_machine.ts";

const parse = (template: unknown) => parseCpuTemplate("template.json", JSON.stringify(template));
const features = (bitmap: string) => parse({ vcpu_features: [{ index: 0, bitmap }] }).features;

/** The example of its documentation: capabilities 171 and 172, both halves of pointer authentication, neither DIT nor SVE. */
const documented = {
  kvm_capabilities: ["171", "172"],
  vcpu_features: [{ index: 0, bitmap: "0b1100000" }],
  reg_modifiers: [{
    addr: "0x603000000013c020",
    bitmap: "0bxxxxxxxxxxxx0000xxxxxxxxxxxx0000xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
  }],
};

Deno.test("the documented template is read: capabilities, feature bits, a register's bits", () => {
  assertEquals(parse(documented), {
    capabilities: [171, 172],
    features: { mask: 0x7fn, value: 0x60n },
    registers: [{ id: registerNamed("ID_AA64PFR0_EL1"), mask: 0x000f_000f_0000_0000n, value: 0n }],
  });
  assertEquals(parse({}), { capabilities: [], features: { mask: 0n, value: 0n }, registers: [] });
});

Deno.test("missing digits are left as they are, _ separates, ! removes a check", () => {
  const addr = "0x603000000013c020";
  assertEquals(parse({ reg_modifiers: [{ addr, bitmap: "0b1_0x" }] }).registers[0]!.mask, 0b110n);
  assertEquals(parse({ kvm_capabilities: ["170", "171", "!170"] }).capabilities, [171]);
});

Deno.test("what the format cannot express is refused, by member", () => {
  const refused = (template: unknown, ...says: string[]) => {
    const { message } = assertThrows(() => parse(template), RequestError);
    for (const words of says) assertStringIncludes(message, words);
  };
  const modifier = (addr: string, bitmap = "0b1") => ({ reg_modifiers: [{ addr, bitmap }] });
  refused(modifier("0x606000000015ffff"), '"reg_modifiers[0].addr"', "KVM_ARM_VCPU_FINALIZE", "--sve");
  refused(modifier("0x6080000000150000"), "Z0 slice 0 has 2048 bits", "128");
  refused(modifier("0x6020000000110002", "0b1" + "x".repeat(32)), "CCSIDR 2 has 32 bits");
  refused(modifier("603000000013c020"), '"reg_modifiers[0].addr"', "0x603000000013c020");
  refused(modifier("0x603000000013c020", "0b12"), '"reg_modifiers[0].bitmap"', "0, 1 and x");
  refused(modifier("0x603000000013c020", "0b" + "x".repeat(129)), "at most 128 bits");
  refused({ vcpu_features: [{ index: 7, bitmap: "0b1" }] }, '"vcpu_features[0].index"');
  refused({ kvm_capabilities: [171] }, '"kvm_capabilities[0]"');
  refused({ cpuid_modifiers: [] }, '"cpuid_modifiers"', "x86-64");
  refused({ registers: [] }, "registers");
});

Deno.test("features that the template leaves are those of the options, and off where none names them", () => {
  const told: string[] = [];
  const request = (bitmap: string, named = {}) =>
    requestWith(features(bitmap), named, (text) => told.push(text));
  assertEquals(request("0b11xxxxx"), { sve: { kind: "off" }, ptrauth: "on", pmu: "off" });
  assertEquals(request("0b1xxx", { ptrauth: "on" }), { sve: { kind: "off" }, ptrauth: "on", pmu: "on" });
  const max = { kind: "max", bits: 256 } as const;
  assertEquals(request("0b1xxxx", { sve: max }).sve, max);
  assertEquals(request("0bx", { sve: max }).sve, max);
  assertEquals(request("0b1xxxx").sve, { kind: "max", bits: 2048 });
  assertEquals(told, []);
});

Deno.test("a template that contradicts the options prevails, and it is said", () => {
  const told: string[] = [];
  const request = (bitmap: string, named: Parameters<typeof requestWith>[1]) =>
    requestWith(features(bitmap), named, (text) => told.push(text));
  assertEquals(request("0b1xxxx", { sve: { kind: "off" } }).sve, { kind: "max", bits: 2048 });
  assertEquals(request("0b0xxxx", { sve: { kind: "exact", lengths: [128] } }).sve, { kind: "off" });
  assertEquals(request("0b11xxxxx", { ptrauth: "off" }).ptrauth, "on");
  assertEquals(request("0b0xxx", { pmu: "on" }).pmu, "off");
  assertEquals(told.map((text) => text.split(" does not hold")[0]), [
    "--sve off",
    "--sve 128",
    "--ptrauth off",
    "--pmu on",
  ]);
  request("0b0xx", {});
  assertStringIncludes(told.at(-1)!, "KVM_ARM_VCPU_PSCI_0_2");
  tellLostRegisters(
    parse({ reg_modifiers: [{ addr: "0x6030000000100040", bitmap: "0b1" }] }),
    (text) => told.push(text),
  );
  assertStringIncludes(told.at(-1)!, "PC is lost");
});

Deno.test("feature bits that a template cannot choose are refused", () => {
  const refused = (bitmap: string, says: string) =>
    assertThrows(() => requestWith(features(bitmap), {}, () => {}), RequestError, says);
  refused("0b1xxxxx", "halves of pointer authentication");
  refused("0b1", "KVM_ARM_VCPU_POWER_OFF");
  refused("0b1xxxxxxx", "bit 7");
});

Deno.test("a capability that the host lacks is named", () => {
  const kvm = Kvm.open(interpreterBackend(findHost("no-ptrauth")));
  checkCapabilities(kvm, parse({ kvm_capabilities: ["170"] }));
  assertThrows(
    () => checkCapabilities(kvm, parse(documented)),
    RequestError,
    "171 (KVM_CAP_ARM_PTRAUTH_ADDRESS)",
  );
});

Deno.test("a register that the vcpu lacks, and a value that the host cannot give, are refused by name", () => {
  const kvm = Kvm.open(interpreterBackend(findHost("max")));
  const offer = askHost(kvm);
  const { plan } = negotiate({ ...everythingAuto, ptrauth: "off" }, offer) as { plan: Plan };
  const refused = (addr: string, bitmap: string, says: string) =>
    withVm(kvm, offer.ipaBits, (vm) => {
      const vcpu = vm.createVcpu(0);
      configureVcpu(vcpu, offer.target, plan);
      const template = parse({ reg_modifiers: [{ addr, bitmap }] });
      assertThrows(() => modifyRegisters([vcpu], template), RequestError, says);
    });
  refused("0x603000000013c108", "0b1", "is not there on this host (ENOENT)");
  refused("0x603000000013c020", "0b1111", "ID_AA64PFR0_EL1 cannot be 0x");
});

Deno.test("registers are changed on every vcpu after KVM_ARM_VCPU_FINALIZE and before the boot registers", () => {
  const entries: TranscriptEntry[] = [];
  const backend: Backend = recorded(interpreterBackend(findHost("max")), (entry) => void entries.push(entry));
  const options = { cpus: 2, memorySize: 2 ** 24, features: everythingAuto, hasFlash: false };
  const withoutDit = parse({
    reg_modifiers: [{ addr: "0x603000000013c020", bitmap: "0b0000" + "x".repeat(48) }],
  });
  createVirtualMachine(backend, { ...options, template: withoutDit }).close();
  const calls = entries.slice(entries.findLastIndex(({ ioctl }) => ioctl === "KVM_CREATE_VM"));
  const at = (vcpu: number, ioctl: string, register?: string) =>
    calls.findIndex((one) =>
      one.handle === `vcpu ${vcpu}` && one.ioctl === ioctl &&
      (!register || one.arguments["register"] === register)
    );
  for (const vcpu of [0, 1]) {
    const written = at(vcpu, "KVM_SET_ONE_REG", "ID_AA64PFR0_EL1");
    assertEquals(at(vcpu, "KVM_ARM_VCPU_FINALIZE") < written, true);
    assertEquals(BigInt(calls[written]!.arguments["value"]!) >> 48n & 0xfn, 0n);
  }
});
