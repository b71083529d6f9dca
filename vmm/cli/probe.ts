// velum probe: what this host offers its guests, each answer got by trying.

import { capabilities, type Capability } from "../kvm/capabilities.ts";
import { Kvm } from "../kvm/system.ts";
import { formatLengths } from "../kvm/vector_lengths.ts";
import { reportHost } from "../lab/host_report.ts";
import type { HostReport } from "../lab/host_report_schema.ts";
import type { VcpuOnHost } from "../lab/other_monitors.ts";
import { asOptions, printAs, toolOf } from "./as_options.ts";
import { backendOptions, hostOptions } from "./common_options.ts";
import { backendOf } from "./backend_request.ts";
import type { Command, Given } from "./options.ts";
import { formatTable } from "./table.ts";

export const probe: Command = {
  options: {
    json: { help: "print JSON" },
    schema: { help: "print the JSON Schema of what --json prints, and ask nothing" },
    ...asOptions,
    ...hostOptions,
    ...backendOptions,
  },
  run: probeHost,
};

async function probeHost(given: Given): Promise<number> {
  if (given.has("schema")) {
    const { hostReportJsonSchema } = await import("../lab/host_report_schema.ts");
    console.log(JSON.stringify(hostReportJsonSchema(), null, 2));
    return 0;
  }
  const tool = toolOf(given);
  const kvm = Kvm.open(backendOf(given));
  const report = reportHost(kvm);
  kvm.close();
  if (tool) printAs(given, tool, wholeVcpu(report));
  else console.log(given.has("json") ? JSON.stringify(report, null, 2) : sections(report).join("\n\n"));
  return 0;
}

/** A vcpu with everything the host offers. */
function wholeVcpu(
  { vectorLengths, ptrauth, pmu, gics, capabilities: { KVM_CAP_ARM_MTE } }: HostReport,
): VcpuOnHost {
  const isWhole = ptrauth.address && ptrauth.generic;
  return {
    ...{
      vectorLengths,
      ptrauth: isWhole,
      pmu: pmu.isOffered,
      gic: gics.includes("v3") ? "v3" : "v2",
      idRegisters: [],
    },
    host: { vectorLengths, ptrauth: isWhole, mte: KVM_CAP_ARM_MTE === 1 },
  };
}

const indented = (rows: (string | number)[][]) =>
  formatTable(rows.map(([first, ...rest]) => [`  ${first}`, ...rest]));

function sections(report: HostReport): string[] {
  const { capabilities: answers, idRegisters } = report;
  return [
    formatTable(summary(report)),
    "Capabilities\n" +
    indented(
      Object.entries(answers).map(([name, answer]) => [
        name,
        answer,
        capabilities[name as Capability].tells,
      ]),
    ),
    `Feature combinations accepted, with the registers that such a vcpu has\n${
      indented(acceptedCombinations(report))
    }`,
    `Feature combinations refused\n${indented(refusedCombinations(report))}`,
    "ID registers of a vcpu with everything the host offers, and the bits that can be written\n" +
    indented(
      Object.entries(idRegisters).map(([name, { value, writable }]) => [name, wide(value), wide(writable)]),
    ),
  ];
}

const wide = (hex: string) => "0x" + hex.slice(2).padStart(16, "0");

const short = (features: readonly string[]) =>
  features.map((name) => name.replace("KVM_ARM_VCPU_", "")).join(" | ") || "none";

const acceptedCombinations = ({ combinations }: HostReport) =>
  combinations.flatMap(({ features, registers }) => registers ? [[short(features), registers.count]] : []);

/** The smallest of those refused, which tell why: any larger one has such a one in it, or lacks what it needs. */
function refusedCombinations({ combinations }: HostReport): (string | number)[][] {
  const refused = combinations.filter(({ answer }) => answer !== 0);
  const smallest = refused.filter(({ features }) =>
    !refused.some((other) =>
      other.features.length < features.length && other.features.every((name) => features.includes(name))
    )
  );
  const rest = refused.length - smallest.length;
  return [
    ...smallest.map(({ features, answer }) => [short(features), answer]),
    ...rest ? [["and others that have one of these in them", rest]] : [],
  ];
}

function summary(report: HostReport): [string, string | number][] {
  const yesNo = (value: boolean) => value ? "yes" : "no";
  const { ptrauth, pmu, vcpus, ipaBits } = report;
  return [
    ["Backend", report.backend],
    ["API version", report.apiVersion],
    ["SVE vector lengths", formatLengths(report.vectorLengths)],
    ["Vector-length sets accepted", acceptedSets(report)],
    [
      "Pointer authentication",
      `address ${yesNo(ptrauth.address)}, generic ${yesNo(ptrauth.generic)}${algorithm(ptrauth.algorithm)}`,
    ],
    [
      "Performance monitors",
      pmu.isOffered ? `yes, ${pmu.eventCounters} event counters beside the cycle counter` : "no",
    ],
    ["Vcpus", `at most ${vcpus.most}, ${vcpus.recommended} recommended`],
    ["Guest-physical address bits", `${ipaBits[0]} to ${ipaBits.at(-1)}`],
    [
      "Interrupt controllers",
      [...report.gics.map((gic) => "GIC" + gic), ...report.its ? ["ITS"] : []].join(", "),
    ],
    ["Hardware breakpoints, watchpoints", `${report.breakpoints}, ${report.watchpoints}`],
    ["AArch32 at EL1", yesNo(report.capabilities.KVM_CAP_ARM_EL1_32BIT === 1)],
    ["Memory tagging", yesNo(report.capabilities.KVM_CAP_ARM_MTE === 1)],
    ["Vcpu target", report.target],
  ];
}

const algorithmNames = { none: "", qarma5: "QARMA5", qarma3: "QARMA3", impdef: "implementation defined" };
const algorithm = (name: keyof typeof algorithmNames) => name === "none" ? "" : `, ${algorithmNames[name]}`;

function acceptedSets({ vectorLengthSets }: HostReport): string {
  const accepted = vectorLengthSets.filter(({ answer }) => answer === 0).map(({ lengths }) => lengths);
  if (accepted.length === 0) return "none";
  if (accepted.length > 4) return `the host's up to each of its ${accepted.length} lengths`;
  return accepted.map((lengths) => `{${lengths.join(", ")}}`).join(", ");
}
