// velum probe: what this host offers its guests.

import { capabilities, type Capability } from "../kvm/capabilities.ts";
import { everythingAuto } from "../kvm/feature_request.ts";
import { Kvm } from "../kvm/system.ts";
import { askHost, type HostOffer, idRegisters, withVcpu, withVm } from "../kvm/host_offer.ts";
import { configureVcpu, negotiate, type Plan } from "../kvm/negotiation.ts";
import { formatLengths } from "../kvm/vector_lengths.ts";
import { backendOf, backendOptions, hostOptions } from "./common_options.ts";
import type { Command, Given } from "./options.ts";
import { formatTable } from "./table.ts";

export const probe: Command = {
  summary: "tells what this host offers guests: vector lengths, pointer authentication, registers",
  options: { json: { help: "print JSON" }, ...hostOptions, ...backendOptions },
  run: (given) => Promise.resolve(probeHost(given)),
};

function probeHost(given: Given): number {
  const kvm = Kvm.open(backendOf(given));
  const offer = askHost(kvm);
  const answers = Object.keys(capabilities)
    .map((name) => [name, kvm.checkExtension(name as Capability)] as const);
  const registers = registersOf(kvm, offer);
  kvm.close();
  if (given.has("json")) {
    const hexRegisters = Object.fromEntries(
      Object.entries(registers).map(([name, value]) => [name, hex(value)]),
    );
    console.log(JSON.stringify(
      {
        backend: kvm.backend.name,
        ...offer,
        capabilities: Object.fromEntries(answers),
        idRegisters: hexRegisters,
      },
      null,
      2,
    ));
    return 0;
  }
  console.log(formatTable(summary(kvm.backend.name, offer)));
  console.log("\nCapabilities");
  const width = Math.max(...answers.map(([name]) => name.length)) + 2;
  for (const [name, answer] of answers) {
    console.log(
      "  " + name.padEnd(width) + String(answer).padEnd(6) + capabilities[name as Capability].tells,
    );
  }
  console.log("\nID registers of a vcpu with everything the host offers");
  console.log(formatTable(Object.entries(registers).map(([name, value]) => ["  " + name, hex(value)])));
  return 0;
}

const hex = (value: bigint) => "0x" + value.toString(16).padStart(16, "0");

/** The ID registers of a vcpu that lives no longer than the question. */
function registersOf(kvm: Kvm, offer: HostOffer): Record<string, bigint> {
  const { plan } = negotiate(everythingAuto, offer) as { plan: Plan };
  return withVm(kvm, offer.ipaBits, (vm) =>
    withVcpu(vm, (vcpu) => {
      configureVcpu(vcpu, offer.target, plan);
      return idRegisters(vcpu);
    }));
}

function summary(backend: string, offer: HostOffer): [string, string | number][] {
  const yesNo = (value: boolean) => value ? "yes" : "no";
  return [
    ["Backend", backend],
    ["SVE vector lengths", formatLengths(offer.vectorLengths)],
    [
      "Pointer authentication",
      `address ${yesNo(offer.ptrauthAddress)}, generic ${yesNo(offer.ptrauthGeneric)}`,
    ],
    ["Performance monitors", yesNo(offer.pmu)],
    ["Vcpus", `at most ${offer.maxVcpus}, ${offer.recommendedVcpus} recommended`],
    ["Guest-physical address bits", offer.ipaBits],
    [
      "Interrupt controllers",
      [...offer.gics.map((gic) => "GIC" + gic), ...offer.its ? ["ITS"] : []].join(", "),
    ],
    ["Hardware breakpoints, watchpoints", `${offer.breakpoints}, ${offer.watchpoints}`],
    ["AArch32 at EL1", yesNo(offer.aarch32)],
    ["Memory tagging", yesNo(offer.mte)],
    ["Vcpu target", offer.target],
  ];
}
