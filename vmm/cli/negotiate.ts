// velum negotiate: plans the features of vcpus, performs the plan on this host, and shows each step; or performs a
// script of calls.

import { checkCapabilities } from "../kvm/cpu_template.ts";
import { explain } from "../kvm/explanation.ts";
import { type FeatureRequest, formatSve } from "../kvm/feature_request.ts";
import { askHost, type HostOffer, withVm } from "../kvm/host_offer.ts";
import type { Plan } from "../kvm/negotiation.ts";
import { registerName } from "../kvm/register_id.ts";
import { RequestError } from "../kvm/request_error.ts";
import { Kvm } from "../kvm/system.ts";
import { formatEntry, recorded, type TranscriptEntry } from "../kvm/transcript.ts";
import { formatLengths } from "../kvm/vector_lengths.ts";
import { Advisor } from "../lab/advice.ts";
import { makeVcpus, planVcpus, type VcpuOutcome } from "../lab/vcpu_group.ts";
import type { VcpuOnHost } from "../lab/other_monitors.ts";
import { asOptions, printAs, toolOf } from "./as_options.ts";
import { backendOptions, hostOptions } from "./common_options.ts";
import { backendOf } from "./backend_request.ts";
import { performScript } from "./negotiate_script.ts";
import type { Command, Given, Options } from "./options.ts";
import { parseCount } from "./quantities.ts";
import { formatTable } from "./table.ts";
import { vcpuOptions } from "./vcpu_options.ts";
import { type VcpuRequest, vcpuRequestOf } from "./vcpu_request.ts";
import { parseVcpuSettings } from "./vcpu_settings.ts";

const planOptions: Options = {
  ...vcpuOptions,
  cpus: { value: "N", help: "vcpus of the VM (1)" },
  vcpu: {
    value: "INDEX:SETTING",
    repeats: true,
    help:
      "what one of them is to have instead: 1:sve=256 (its longest), 1:sve=128,256, 1:ptrauth=off, 1:pmu=off",
  },
  ...asOptions,
  steps: { help: "tell each call as a story: its answer, what the document says of it, why it comes there" },
};

export const negotiate: Command = {
  options: {
    ...planOptions,
    script: {
      value: "FILE",
      help:
        "perform the calls that FILE lists, in its order, and explain each answer; --script help lists them",
    },
    timeout: { value: "SECONDS", help: "how long each KVM_RUN of a script may take (1)" },
    json: { help: "print JSON" },
    ...hostOptions,
    ...backendOptions,
  },
  notes: [
    "Exit status: 0 when the vcpus could be had, 2 when something was refused; of a script 1 when an answer was",
    "not what its line expects.",
  ],
  run: performNegotiation,
};

/** The calls as they were made, by what they were made for. */
interface Calls {
  readonly asked: readonly TranscriptEntry[];
  readonly performed: readonly TranscriptEntry[];
  readonly read: readonly TranscriptEntry[];
}

async function performNegotiation(given: Given): Promise<number> {
  checkScript(given);
  if (given.has("script")) return await performScript(given);
  const cpus = given.has("cpus") ? parseCount("cpus", given.one("cpus")!) : 1;
  const settings = parseVcpuSettings(given.all("vcpu"), cpus);
  const tool = toolOf(given);
  const request = await vcpuRequestOf(given);
  const wanted = Array.from(
    { length: cpus },
    (_, index) => ({ ...request.features, ...settings.get(index) }),
  );
  const steps: TranscriptEntry[] = [];
  const kvm = Kvm.open(recorded(backendOf(given), (entry) => void steps.push(entry)));
  if (request.template) checkCapabilities(kvm, request.template);
  const offer = askHost(kvm);
  if (cpus > offer.maxVcpus) {
    throw new RequestError(
      "cpus",
      `${cpus} vcpus cannot be had: this host gives a VM 1 to ${offer.maxVcpus}`,
    );
  }
  if (!given.has("json") && !tool) printIntent(wanted, offer);
  const asked = steps.splice(0);
  const planned = planVcpus(wanted, offer);
  const { outcomes, ...made } = planned.some(({ plan }) => plan)
    ? perform(kvm, offer, planned, request, steps)
    : { outcomes: planned, performed: [], read: [] };
  kvm.close();
  const [{ plan, refusals }] = outcomes as [VcpuOutcome];
  if (tool && plan && refusals.length === 0) printAs(given, tool, onHost(plan, offer, request));
  else await print(given, outcomes, offer, { asked, ...made });
  return outcomes.some(({ refusals }) => refusals.length) ? 2 : 0;
}

/** Throws RequestError. */
function checkScript(given: Given) {
  if (!given.has("script")) {
    if (!given.has("timeout")) return;
    throw new RequestError("timeout", "--timeout is for the guests of --script FILE");
  }
  const other = Object.keys(planOptions).find((option) => given.has(option));
  if (other) throw new RequestError(other, `--script says what is done, --${other} too; give one of them`);
}

function perform(
  kvm: Kvm,
  offer: HostOffer,
  planned: readonly VcpuOutcome[],
  { idRegisters = new Map(), template, ipaBits }: VcpuRequest,
  steps: TranscriptEntry[],
) {
  return withVm(kvm, offer.ipaBits, (vm) => {
    vm.preferredTarget();
    let performed: TranscriptEntry[] = [];
    const outcomes = makeVcpus(planned, {
      vm,
      offer,
      idRegisters,
      template,
      adviceOnLast: () => adviceOn(steps, offer),
      onMade: () => performed = steps.splice(0),
    });
    return { outcomes, performed, read: steps };
  }, ipaBits);
}

function onHost(plan: Plan, offer: HostOffer, request: VcpuRequest): VcpuOnHost {
  const changed = [
    ...request.idRegisters?.keys() ?? [],
    ...request.template?.registers.map(({ id }) => id) ?? [],
  ];
  return {
    ...plan,
    gic: offer.gics.includes("v3") ? "v3" : "v2",
    idRegisters: changed.map(registerName),
    ipaBits: request.ipaBits,
    host: { ...offer, ptrauth: offer.ptrauthAddress && offer.ptrauthGeneric },
  };
}

function adviceOn(steps: readonly TranscriptEntry[], offer: HostOffer): string | undefined {
  const advisor = new Advisor(offer);
  return steps.map((step) => advisor.hear(step)).at(-1);
}

const yesNo = (value: boolean) => value ? "yes" : "no";
const plural = (outcomes: readonly unknown[]) => outcomes.length > 1;

function formatRequest({ sve, ptrauth, pmu }: FeatureRequest): string {
  return `SVE ${formatSve(sve)}; pointer authentication ${ptrauth}; PMU ${pmu}`;
}

function printIntent(wanted: readonly FeatureRequest[], offer: HostOffer) {
  const both = offer.ptrauthAddress && offer.ptrauthGeneric;
  const requests = wanted.map(formatRequest);
  const isAlike = requests.every((request) => request === requests[0]);
  console.log(formatTable([
    ...isAlike
      ? [["Wanted", requests[0]!]]
      : requests.map((request, index) => [index ? "" : "Wanted", `vcpu ${index}: ${request}`]),
    [
      "Offered",
      `SVE ${formatLengths(offer.vectorLengths)}; pointer authentication ${yesNo(both)}; PMU ${
        yesNo(offer.pmu)
      }`,
    ],
  ]));
}

async function print(given: Given, outcomes: readonly VcpuOutcome[], offer: HostOffer, calls: Calls) {
  if (given.has("json")) console.log(toJson(await forJson(given, outcomes, offer, calls)));
  else {
    printPlan(outcomes, offer);
    if (given.has("steps")) console.log(`\n${await storyOf(calls)}`);
    else if (calls.performed.length) {
      console.log("\nSteps");
      calls.performed.forEach((step, index) => console.log(`  ${index + 1}. ${formatEntry(step)}`));
    }
    printOutcomes(outcomes);
  }
  for (const { index, refusals } of outcomes) {
    for (const { message } of refusals) {
      console.error(`velum: ${plural(outcomes) ? `vcpu ${index}: ` : ""}${message}`);
    }
  }
}

async function storyOf({ asked, performed, read }: Calls): Promise<string> {
  const { chaptersOf, formatNarrative, narrate } = await import("../lab/narrative.ts");
  return formatNarrative(narrate(chaptersOf(asked, performed, read)), 110);
}

function printPlan(outcomes: readonly VcpuOutcome[], offer: HostOffer) {
  const [first] = outcomes;
  if (!first?.plan) return;
  const { features, vectorLengths } = first.plan;
  console.log(`Plan     ${features.join(" | ")}; vector lengths ${formatLengths(vectorLengths)}`);
  explain(first.wanted, offer, first.plan).forEach((sentence) => console.log(`         ${sentence}`));
}

function printOutcomes(outcomes: readonly VcpuOutcome[]) {
  const first = outcomes.find(({ made }) => made);
  if (!first?.plan || !first.made) return;
  const { plan, made } = first;
  console.log(plural(outcomes) ? "\nThe vcpus" : "\nThe vcpu");
  if (plural(outcomes)) {
    console.log(formatTable([
      ["  vcpu", "vector lengths", "pointer authentication", "PMU", "registers"],
      ...outcomes.map(tableRow),
    ]));
  }
  console.log(formatTable([
    ...plural(outcomes) ? [] : [
      ["  Vector lengths", formatLengths(made.vectorLengths)],
      ["  Pointer authentication", yesNo(plan.ptrauth)],
      ["  Performance monitors", yesNo(plan.pmu)],
      ["  Registers listed", made.registerCount],
    ],
    ...Object.entries(made.registers).map(([name, value]) => [
      `  ${name}`,
      "0x" + value.toString(16).padStart(16, "0"),
    ]),
  ]));
}

function tableRow({ index, plan, made }: VcpuOutcome): (string | number)[] {
  if (!plan || !made) return [`  ${index}`, "refused", "", "", ""];
  return [
    `  ${index}`,
    formatLengths(made.vectorLengths),
    yesNo(plan.ptrauth),
    yesNo(plan.pmu),
    made.registerCount,
  ];
}

/** The first vcpu's members stand beside the list of all. */
async function forJson(given: Given, outcomes: readonly VcpuOutcome[], offered: HostOffer, calls: Calls) {
  const [first] = outcomes;
  const { wanted, plan, made } = first!;
  const refusals = outcomes.flatMap((outcome) => outcome.refusals);
  const { chaptersOf, narrate } = await import("../lab/narrative.ts");
  return {
    wanted,
    offered,
    ...plan && { plan, because: explain(wanted, offered, plan) },
    ...refusals.length && { refusals },
    steps: given.has("steps")
      ? narrate(chaptersOf(calls.asked, calls.performed, calls.read))
      : calls.performed,
    ...made,
    vcpus: outcomes,
  };
}

const toJson = (value: unknown) =>
  JSON.stringify(value, (_, member) => typeof member === "bigint" ? "0x" + member.toString(16) : member, 2);
