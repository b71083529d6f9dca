// Dumps of registers: what is shown of each, and what of two dumps differs.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { interpreterBackend } from "../../../vmm/interpreter/backend.ts";
import { findHost } from "../../../vmm/interpreter/hosts.ts";
import { everythingAuto } from "../../../vmm/kvm/feature_request.ts";
import { askHost, withVcpu, withVm } from "../../../vmm/kvm/host_offer.ts";
import { configureVcpu, negotiate, type Plan } from "../../../vmm/kvm/negotiation.ts";
import { decodeFields } from "../../../vmm/kvm/register_fields.ts";
import { registerNamed } from "../../../vmm/kvm/register_id.ts";
import { Kvm } from "../../../vmm/kvm/system.ts";
import type { Vcpu } from "../../../vmm/kvm/vcpu.ts";
import { dumpRegisters, type Lane } from "../../../vmm/lab/register_dump.ts";
import { diffDumps } from "../../../vmm/lab/register_dump_diff.ts";
import type { RegisterDump } from "../../../vmm/lab/register_dump_schema.ts";

function dump(host: string, prepare: (vcpu: Vcpu) => void = () => {}, lane: Lane = "d"): RegisterDump {
  const kvm = Kvm.open(interpreterBackend(findHost(host)));
  const offer = askHost(kvm);
  const { plan } = negotiate(everythingAuto, offer) as { plan: Plan };
  return withVm(kvm, offer.ipaBits, (vm) =>
    withVcpu(vm, (vcpu) => {
      configureVcpu(vcpu, offer.target, plan);
      prepare(vcpu);
      const { registers } = dumpRegisters(vcpu, lane);
      const vcpus = [{ vcpu: 0, registers: [...registers] }];
      return { schema: "velum/registers/1", backend: "interpreter", at: "entry", vcpus };
    }));
}

const register = ({ vcpus }: RegisterDump, name: string) =>
  vcpus[0]!.registers.find((one) => one.name === name)!;

Deno.test("every register of the vcpu's list is dumped once", () => {
  const names = dump("vq4").vcpus[0]!.registers.map(({ name }) => name);
  assertEquals([names.length, new Set(names).size], [362, 362]);
  assertEquals(names.slice(0, 2), ["X0", "X1"]);
});

Deno.test("vectors and predicates are shown in the lanes asked for, lane 0 first, up to the vcpu's length", () => {
  const fill = (vcpu: Vcpu) => {
    vcpu.setRegister(registerNamed("Z1"), 0x1111_2222_3333_4444_5555_6666_7777_8888n);
    vcpu.setRegister(registerNamed("P2"), 0x0101n);
    vcpu.setRegister(registerNamed("P3"), 0xffff_ffffn);
  };
  const says = (lane: Lane, name: string) => register(dump("neoverse-v1", fill, lane), name).says;
  const doublewords = "5555666677778888 1111222233334444 0000000000000000 0000000000000000";
  assertEquals(says("d", "Z1 slice 0"), doublewords);
  assertEquals(says("s", "Z1 slice 0").split(" ").slice(0, 4), [
    "77778888",
    "55556666",
    "33334444",
    "11112222",
  ]);
  assertEquals(says("b", "Z1 slice 0").split(" ").length, 32);
  assertEquals(says("d", "P2 slice 0"), "1100");
  assertEquals(says("b", "P2 slice 0").length, 32);
  assertEquals(says("h", "P3 slice 0"), "all lanes active");
  assertEquals(says("h", "P4 slice 0"), "no lane active");
});

const decoded: Readonly<Record<string, [value: bigint, text: string]>> = {
  PSTATE: [0x8000_03c5n, "M 5 (EL1h), F 1, I 1, A 1, D 1, N 1"],
  SCTLR_EL1: [
    1n | 1n << 12n | 1n << 31n | 1n << 30n | 1n << 27n | 1n << 13n,
    "M 1, I 1, EnDB 1, EnDA 1, EnIB 1, EnIA 1",
  ],
  ZCR_EL1: [3n, "LEN 3 (at most 512 bits)"],
  TCR_EL1: [
    16n | 16n << 16n | 2n << 30n | 5n << 32n,
    "T0SZ 16 (48 bits of address), TG0 0 (4 KiB), T1SZ 16 (48 bits of address), TG1 2 (4 KiB), IPS 5 (48 bits of address)",
  ],
  ID_AA64PFR0_EL1: [1n << 32n, "SVE 1 (FEAT_SVE)"],
};

for (const [name, [value, text]] of Object.entries(decoded)) {
  Deno.test(`${name} is decoded into its fields`, () => {
    const fields = decodeFields(name, value).map((field) =>
      `${field.name} ${field.value}${field.means ? ` (${field.means})` : ""}`
    );
    assertEquals(fields.join(", "), text);
  });
}

Deno.test("an exception's syndrome is told by its class", () => {
  const fields = decodeFields("ESR_EL1", 0x9600_0045n);
  assertEquals(fields.map(({ name }) => name), ["ISS", "IL", "EC"]);
  assertStringIncludes(fields[2]!.means!.toLowerCase(), "data abort");
});

Deno.test("two dumps differ in what was changed, field by field, but not in counters", () => {
  const a = dump("vq4");
  assertEquals(diffDumps(a, dump("vq4")), []);
  const b = dump("vq4", (vcpu) => {
    vcpu.setRegister(registerNamed("X3"), 7n);
    vcpu.setRegister(registerNamed("PSTATE"), 0x3c4n);
    vcpu.setRegister(registerNamed("KVM_REG_ARM_TIMER_CNT"), 1n << 40n);
  });
  assertEquals(
    diffDumps(a, b).map(({ name, a, b, fields }) => [name, a, b, fields]),
    [
      ["PSTATE", "0x3c5", "0x3c4", ["M 5 (EL1h) -> 4 (EL1t)"]],
      ["X3", "0x0", "0x7", []],
    ].toSorted(([x], [y]) => x! < y! ? 1 : -1),
  );
});

Deno.test("what one vcpu has and the other has not differs too", () => {
  const differing = diffDumps(dump("vq4"), dump("no-sve"));
  const zero = differing.find(({ name }) => name === "Z0 slice 0");
  assertEquals([zero?.a, zero?.b], ["0x0", undefined]);
  assertEquals(differing.find(({ name }) => name === "V0")?.a, undefined);
});
