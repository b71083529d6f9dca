// The most that a vcpu can be on a whole fleet: held against the hosts themselves, which must take it.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { interpreterBackend } from "../../../vmm/interpreter/backend.ts";
import { findHost, hosts } from "../../../vmm/interpreter/hosts.ts";
import { type HostProfile, hostProfile } from "../../../vmm/interpreter/host_profile.ts";
import { Kvm } from "../../../vmm/kvm/system.ts";
import { baseline, type FleetHost } from "../../../vmm/lab/baseline.ts";
import { checkConfiguration } from "../../../vmm/lab/configuration_check.ts";
import { readHost } from "../../../vmm/lab/fleet.ts";
import { reportHost } from "../../../vmm/lab/host_report.ts";
import { readRecording } from "../../conformance/recordings.ts";
import { inFolder } from "../../guest/tools.ts";

const open = (profile: HostProfile) => Kvm.open(interpreterBackend(profile));
const reported = (profile: HostProfile): FleetHost => ({
  name: profile.name,
  report: reportHost(open(profile)),
});
const named = (...names: string[]) => names.map((name) => reported(findHost(name)));
const like = (name: string, own: Partial<HostProfile>) => hostProfile({ ...findHost(name), ...own });

Deno.test("where nothing stands in the way, every host of the fleet takes the baseline", () => {
  let movable = 0;
  const reports = hosts.map(reported);
  for (const a of reports) {
    for (const b of reports) {
      const { configuration, obstacles } = baseline([a, b]);
      if (obstacles.length) continue;
      movable++;
      for (const { name } of [a, b]) {
        assertEquals(checkConfiguration(open(findHost(name)), configuration), [], name);
      }
    }
  }
  assert(movable > hosts.length, "some pairs of different hosts can share a guest");
});

Deno.test("where something stands in the way, some host of the fleet refuses the baseline or shows another register", () => {
  const fleet = named("neoverse-v1", "neoverse-v2");
  const { configuration, obstacles } = baseline(fleet);
  assert(obstacles.some((sentence) => sentence.startsWith("MIDR_EL1.PartNum must be the same everywhere")));
  assertEquals(configuration.ptrauth, false);
});

Deno.test("vector lengths are cut where the hosts first differ, not intersected", () => {
  const { configuration, costs } = baseline(named("pow2-512", "vq4"));
  assertEquals(configuration.vectorLengths, [128, 256]);
  assertEquals(costs.filter((cost) => cost.includes("SVE")), [
    "pow2-512 could have SVE vectors of {512} bits too",
    "vq4 could have SVE vectors of {384, 512} bits too",
  ]);
});

Deno.test("a host without SVE takes it from the whole fleet, and from the ID registers", () => {
  const { configuration } = baseline(named("max", "no-sve"));
  assertEquals(configuration.vectorLengths, []);
  assertEquals(checkConfiguration(open(findHost("no-sve")), configuration), []);
});

Deno.test("pointer authentication is kept only where it is of one algorithm and one level", () => {
  const max = reported(findHost("max"));
  const other = { ...reported(like("max", { ptrauth: "qarma3" })), name: "other" };
  const { configuration, costs } = baseline([max, other]);
  assertEquals(configuration.ptrauth, false);
  assertStringIncludes(costs.join("\n"), "pointer authentication is lost, as it is of several kinds");
  assertEquals(baseline([max, { ...max, name: "twin" }]).configuration.ptrauth, true);
});

Deno.test("a field that can be lowered is, one that cannot stands in the way", () => {
  const own = (register: string, change: (value: bigint) => bigint) => {
    const { idRegisters } = findHost("max");
    return reported(like("max", {
      name: "other",
      idRegisters: { ...idRegisters, [register]: change(idRegisters[register]!) },
    }));
  };
  const withoutAes = baseline([...named("max"), own("ID_AA64ISAR0_EL1", (value) => value & ~0xf0n)]);
  assertEquals(withoutAes.obstacles, []);
  assertEquals(BigInt(withoutAes.configuration.idRegisters.ID_AA64ISAR0_EL1!) & 0xf0n, 0n);
  assertEquals(withoutAes.costs, ["ID_AA64ISAR0_EL1: AES 0 (max 2)"]);
  const withoutRas = baseline([...named("max"), own("ID_AA64PFR0_EL1", (value) => value & ~(0xfn << 28n))]);
  assertStringIncludes(withoutRas.obstacles.join(), "ID_AA64PFR0_EL1.RAS differs (max 2, other 0)");
});

Deno.test("a configuration that a host cannot take is refused with the fields that differ", () => {
  const kvm = open(findHost("neoverse-v1"));
  const wanted = {
    schema: "velum/vcpu/1" as const,
    vectorLengths: [128],
    ptrauth: false,
    pmu: false,
    idRegisters: {},
  };
  assertEquals(checkConfiguration(kvm, wanted), []);
  assertStringIncludes(checkConfiguration(kvm, { ...wanted, ipaBits: 52 })[0]!, "48 bits");
  assertStringIncludes(checkConfiguration(kvm, { ...wanted, vectorLengths: [128, 512] })[0]!, "512 offends");
  const [sentence] = checkConfiguration(kvm, { ...wanted, idRegisters: { ID_AA64ISAR0_EL1: "0xffff" } });
  assertStringIncludes(sentence!, "ID_AA64ISAR0_EL1 cannot be 0xffff here (EINVAL): AES is 2 on this host");
});

Deno.test("reports that were recorded on real KVM give the same baseline as the interpreter's", async () => {
  const shapes = ["pow2-512", "no-ptrauth", "vq4"];
  const recorded = await inFolder((folder) =>
    Promise.all(shapes.map(async (shape) => {
      const { answers } = await readRecording(shape);
      const report = answers["all that a host offers, as velum probe reports it"] as object;
      const path = join(folder, `${shape}.json`);
      Deno.writeTextFileSync(path, JSON.stringify({ ...report, backend: "kvm" }));
      return { ...readHost(path), name: shape };
    }))
  );
  assertEquals(baseline(recorded), baseline(named(...shapes)));
});
