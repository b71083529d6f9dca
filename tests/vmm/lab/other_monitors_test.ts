// The options that give the same vcpu in other monitors: QEMU itself is asked whether they do.

import { assertEquals, assertThrows } from "@std/assert";
import { RequestError } from "../../../vmm/kvm/request_error.ts";
import { optionsAs, parseTool, type VcpuOnHost } from "../../../vmm/lab/other_monitors.ts";
import { qemuTest } from "../../devices/qtest.ts";
import { seenInQemu } from "../../guest/features_in_qemu.ts";

const lengths = [128, 256, 384, 512];
const whole: VcpuOnHost = {
  vectorLengths: lengths,
  ptrauth: true,
  pmu: true,
  gic: "v3",
  idRegisters: [],
  host: { vectorLengths: lengths, ptrauth: true, mte: false },
};

/** What KVM would take of the host, QEMU's own processor has. */
const cpuOf = (vcpu: VcpuOnHost) => optionsAs("qemu", vcpu).arguments.at(-1)!.replace(/^host/, "max");

qemuTest("QEMU takes the options it is given, and its guest sees the vcpu they are for", async () => {
  const vcpus: VcpuOnHost[] = [
    whole,
    { ...whole, vectorLengths: [128, 256], ptrauth: false },
    { ...whole, vectorLengths: [], pmu: false },
  ];
  const seen = await Promise.all(vcpus.map((vcpu) => seenInQemu(cpuOf(vcpu))));
  vcpus.forEach(({ vectorLengths, ptrauth, pmu }, index) => {
    const guest = seen[index]!;
    assertEquals(guest["sve"], vectorLengths.join(" ") || "none");
    assertEquals(guest["pauth address"] !== "none", ptrauth);
    assertEquals(guest["pmu version"] !== "0", pmu);
  });
});

Deno.test("QEMU is told of each of the host's lengths whether it is on, and which interrupt controller", () => {
  assertEquals(optionsAs("qemu", { ...whole, vectorLengths: [128, 256], gic: "v2" }), {
    arguments: [
      "-machine",
      "virt,accel=kvm,gic-version=2",
      "-cpu",
      "host,sve128=on,sve256=on,sve384=off,sve512=off,pauth=on,pmu=on",
    ],
    cannot: [],
  });
});

Deno.test("kvmtool is told of a maximum only where the host's set is cut", () => {
  assertEquals(optionsAs("kvmtool", whole), { arguments: ["--irqchip", "gicv3", "--pmu"], cannot: [] });
  assertEquals(
    optionsAs("kvmtool", {
      ...whole,
      vectorLengths: [128, 256],
      pmu: false,
      host: { ...whole.host, mte: true },
    }),
    { arguments: ["--irqchip", "gicv3", "--sve-max-vl=256", "--disable-mte"], cannot: [] },
  );
});

Deno.test("what a monitor has no option for is said, a sentence each", () => {
  const cannot = (tool: "qemu" | "kvmtool", vcpu: Partial<VcpuOnHost>) =>
    optionsAs(tool, { ...whole, ...vcpu }).cannot.length;
  assertEquals(cannot("kvmtool", { vectorLengths: [] }), 1);
  assertEquals(cannot("kvmtool", { vectorLengths: [128, 256, 384] }), 1);
  assertEquals(cannot("kvmtool", { ptrauth: false }), 1);
  assertEquals(cannot("qemu", { idRegisters: ["ID_AA64PFR0_EL1"], ipaBits: 48 }), 2);
  assertEquals(cannot("qemu", { vectorLengths: [], ptrauth: false }), 0);
});

Deno.test("a monitor whose options are not known is refused", () => {
  assertEquals(parseTool("qemu"), "qemu");
  assertThrows(() => parseTool("xen"), RequestError, "qemu and kvmtool are");
});
