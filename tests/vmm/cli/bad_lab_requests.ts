// Requests of the negotiation lab that cannot be met.

import type { BadRequest } from "./bad_requests.ts";

/** @param folder where the files are that `badLabFiles` names */
export const badLabRequests = (folder: string): readonly BadRequest[] => {
  const at = (name: string) => `${folder}/${name}`;
  return [
    { args: ["baseline"], says: ["two of them"] },
    { args: ["baseline", "max"], says: ["two of them"] },
    { args: ["baseline", "max", "max"], says: ["max is named twice"] },
    { args: ["baseline", "max", "cray-1"], says: ['no host "cray-1"'] },
    { args: ["baseline", "max", at("missing")], says: [at("missing"), "cannot be read"] },
    { args: ["baseline", "max", at("report-of-2.json")], says: ['"schema"', "velum/host-report/1"] },
    {
      args: ["baseline", "max", "vq4", "--write", "/proc/nowhere/vcpu.json"],
      says: ["--write", "cannot be written"],
    },
    { args: ["matrix", "max", "max"], says: ["max is named twice"] },
    { args: ["matrix", "cray-1"], says: ['no host "cray-1"'] },
    { args: ["matrix", at("report-of-2.json")], says: ["velum/host-report/2", "velum/host-report/1"] },
    { args: ["matrix", "max", "--guest", "hello"], says: ['"hello"', "features"] },
    { args: ["probe", "--as", "xen"], says: ['"xen"', "qemu and kvmtool"] },
    { args: ["negotiate", "--as", "qemu", "--steps"], says: ["--as", "--steps"] },
    {
      args: ["run", "--cpu-template", at("template.json"), "--config", at("vcpu.json")],
      says: ["--config", "--cpu-template", "one of them"],
    },
    { args: ["run", "--cpu-template", at("missing")], says: ["--cpu-template", "does not exist"] },
    { args: ["run", "--cpu-template", at("no-json")], says: [at("no-json"), "is not JSON"] },
    {
      args: ["negotiate", "--cpu-template", at("x86-template.json")],
      says: ["Firecracker", '"msr_modifiers"', "x86-64"],
    },
    {
      args: ["run", "--cpu-template", at("lengths-template.json")],
      says: ['"reg_modifiers[0].addr"', "KVM_ARM_VCPU_FINALIZE", "--sve"],
    },
    {
      args: ["run", "--backend", "interpreter", "--host", "no-sve", "--cpu-template", at("template.json")],
      says: ["capability 170 (KVM_CAP_ARM_SVE)"],
    },
    { args: ["check"], says: ["configuration", "hosts"] },
    { args: ["check", at("vcpu.json")], says: ["configuration", "hosts"] },
    { args: ["check", at("missing"), "max"], says: [at("missing"), "does not exist"] },
    { args: ["check", at("no-json"), "max"], says: [at("no-json"), "is not JSON"] },
    { args: ["check", at("lengths.json"), "max"], says: ["configuration", '"vectorLengths[1]"'] },
    {
      args: ["run", "--config", at("vcpu.json"), "--sve", "off"],
      says: ["--config", "--sve", "one of them"],
    },
    { args: ["run", "--config", at("register.json")], says: ['"idRegisters.ID_NOTHING"', "Arm name"] },
    {
      args: ["run", "--backend", "interpreter", "--config", at("wrong-value.json")],
      says: ["ID_AA64ISAR0_EL1 cannot be 0xffff", "EINVAL"],
    },
    { args: ["negotiate", "--script", at("missing")], says: ["--script", at("missing"), "does not exist"] },
    { args: ["negotiate", "--script", at("no-json")], says: [`${at("no-json")}:1: "hello" is no handle`] },
    { args: ["negotiate", "--script", at("wrong.script")], says: [`${at("wrong.script")}:3: `, '"SVE9"'] },
    { args: ["negotiate", "--script", at("wrong.jsonl")], says: [`${at("wrong.jsonl")}:1 `, '"ioctl"'] },
    {
      args: ["negotiate", "--script", at("no-json"), "--sve", "off"],
      says: ["--script", "--sve", "one of them"],
    },
    {
      args: ["negotiate", "--script", at("no-json"), "--steps"],
      says: ["--script", "--steps", "one of them"],
    },
    { args: ["negotiate", "--timeout", "3"], says: ["--timeout", "--script"] },
    { args: ["negotiate", "--vcpu", "1:sve=256"], says: ["no vcpu 1", "--cpus 1"] },
    { args: ["negotiate", "--vcpu", "0:sme=on"], says: ['no setting "sme"', "1:sve=256"] },
    { args: ["negotiate", "--vcpu", "sve=256"], says: ['"sve=256" is no setting of a vcpu'] },
    {
      args: ["negotiate", "--vcpu", "0:pmu=off", "--vcpu", "0:pmu=on"],
      says: ["pmu of vcpu 0 is given twice"],
    },
    { args: ["negotiate", "--backend", "interpreter", "--cpus", "9999"], says: ["9999 vcpus", "1 to 512"] },
    { args: ["replay"], says: ["one transcript", "--transcript=FILE.jsonl"] },
    { args: ["replay", at("missing")], says: [at("missing"), "does not exist"] },
    { args: ["replay", at("no-json")], says: [`${at("no-json")}:1 is not JSON`] },
    { args: ["replay", at("wrong.jsonl")], says: [`${at("wrong.jsonl")}:1 `, '"ioctl"', "KVM_RUN"] },
    {
      args: ["replay", "--backend", "interpreter", at("orphan.jsonl")],
      says: [`${at("orphan.jsonl")}:1: `, "descriptor 9", "no line before it made"],
    },
    { args: ["regs", "--at", "nowhere"], says: ['"nowhere" is no point', "exit=mmio"] },
    { args: ["regs", "--at", "exit=door"], says: ['no exit "door"', "mmio"] },
    { args: ["regs", "--lanes", "q"], says: ['"q" is no width', "b, h, s or d"] },
    { args: ["regs", "--vcpu", "1"], says: ["no vcpu 1", "vcpu 0 to 0"] },
    { args: ["regs", "--set", "X0"], says: ['"X0" gives no register', "NAME=VALUE"] },
    {
      args: ["regs", "--backend", "interpreter", "--set", "X99=1"],
      says: ['no register "X99"'],
    },
    { args: ["regs", "--backend", "interpreter", "--set", "PC=ten"], says: ['"ten" is no value of PC'] },
    {
      args: ["regs", "--backend", "interpreter", "--set", "KVM_REG_ARM64_SVE_VLS=128"],
      says: ["cannot be 128 (EPERM)", "no longer writable"],
    },
    { args: ["regs", "diff", at("dump.json")], says: ["two dumps"] },
    { args: ["regs", "diff", at("dump.json"), at("missing")], says: [at("missing"), "does not exist"] },
    {
      args: ["regs", "diff", at("dump.json"), at("wrong-dump.json")],
      says: [at("wrong-dump.json"), '"vcpus[0].registers[0].value"', "hexadecimal"],
    },
    {
      args: ["negotiate", "--backend", "interpreter", "--host", "neoverse-v1", "--config", at("wide.json")],
      says: ["52 bits", "48 at most"],
    },
  ];
};

const vcpu = { schema: "velum/vcpu/1", vectorLengths: [], ptrauth: false, pmu: false, idRegisters: {} };

const call = {
  handle: "vcpu 0",
  ioctl: "KVM_RUN",
  arguments: {},
  gives: {},
  answer: 0,
  meaning: "",
  call: { fd: 9, argument: 0 },
};

const dump = (value: string) => ({
  schema: "velum/registers/1",
  backend: "kvm",
  at: "entry",
  vcpus: [{ vcpu: 0, registers: [{ name: "X0", value, says: "" }] }],
});

export const badLabFiles: Readonly<Record<string, string>> = {
  "vcpu.json": JSON.stringify(vcpu),
  "no-json": "hello",
  "template.json": '{ "kvm_capabilities": ["170"] }',
  "x86-template.json": '{ "msr_modifiers": [] }',
  "lengths-template.json": '{ "reg_modifiers": [{ "addr": "0x606000000015ffff", "bitmap": "0b1" }] }',
  "report-of-2.json": '{ "schema": "velum/host-report/2" }',
  "lengths.json": JSON.stringify({ ...vcpu, vectorLengths: [128, 100] }),
  "register.json": JSON.stringify({ ...vcpu, idRegisters: { ID_NOTHING: "0x1" } }),
  "wrong-value.json": JSON.stringify({ ...vcpu, idRegisters: { ID_AA64ISAR0_EL1: "0xffff" } }),
  "wrong.script": "# a comment\n\nvcpu 0 init SVE9\n",
  "wrong.jsonl": JSON.stringify({ ...call, ioctl: "KVM_DANCE" }),
  "orphan.jsonl": JSON.stringify(call),
  "dump.json": JSON.stringify(dump("0x0")),
  "wrong-dump.json": JSON.stringify(dump("zero")),
  "wide.json": JSON.stringify({ ...vcpu, ipaBits: 52 }),
};
