// Transcripts made again: those of real KVM in recorded/, and what differs on another host, with why.

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { interpreterBackend } from "../../../vmm/interpreter/backend.ts";
import { findHost } from "../../../vmm/interpreter/hosts.ts";
import { everythingAuto } from "../../../vmm/kvm/feature_request.ts";
import { offerOf, withVcpu, withVm } from "../../../vmm/kvm/host_offer.ts";
import { configureVcpu, negotiate, type Plan } from "../../../vmm/kvm/negotiation.ts";
import { registerNamed } from "../../../vmm/kvm/register_id.ts";
import { RequestError } from "../../../vmm/kvm/request_error.ts";
import { Kvm } from "../../../vmm/kvm/system.ts";
import { recorded, type TranscriptEntry } from "../../../vmm/kvm/transcript.ts";
import { replay, type Replayed } from "../../../vmm/lab/replay.ts";
import { parseTranscript } from "../../../vmm/lab/transcript_schema.ts";
import { withRunLimit } from "../../../vmm/machine/run_limit.ts";

async function replayText(text: string, host: string): Promise<Replayed> {
  const lines = parseTranscript("transcript", "calls", text);
  const backend = interpreterBackend(findHost(host));
  const runsGuests = lines.some(([, { ioctl }]) => ioctl === "KVM_RUN");
  const offer = offerOf(backend);
  return await withRunLimit(
    backend,
    runsGuests,
    30,
    (limit) => replay("calls", lines, backend, offer, limit),
  );
}

const recording = (shape: string) =>
  Deno.readTextFile(new URL(`recorded/orders.${shape}.jsonl`, import.meta.url));

/** What a negotiation of everything is on a host, as a transcript's text. */
function negotiation(host: string): string {
  const entries: TranscriptEntry[] = [];
  const backend = recorded(interpreterBackend(findHost(host)), (entry) => void entries.push(entry), [], true);
  const offer = offerOf(backend);
  const { plan } = negotiate(everythingAuto, offer) as { plan: Plan };
  const kvm = Kvm.open(backend);
  withVm(kvm, offer.ipaBits, (vm) =>
    withVcpu(vm, (vcpu) => {
      configureVcpu(vcpu, offer.target, plan);
      vcpu.registerList().slice(0, 20).forEach((id) => vcpu.getRegisterBytes(id));
      vcpu.getRegister(registerNamed("ID_AA64ZFR0_EL1"));
    }));
  return entries.map((entry) => JSON.stringify(entry)).join("\n");
}

for (const shape of ["pow2-512", "no-sve"]) {
  Deno.test(`what real KVM answered on ${shape} the interpreter answers as the same host`, async () => {
    const { calls, differences, skipped } = await replayText(await recording(shape), shape);
    assertEquals([differences, skipped], [[], []]);
    assert(calls > 50);
  });
}

Deno.test("on another host each answer that differs is told with its line and why", async () => {
  const { differences } = await replayText(await recording("pow2-512"), "no-sve");
  const [capability, init, ...rest] = differences;
  assertEquals([capability!.line, capability!.here.ioctl, capability!.here.answer], [
    1,
    "KVM_CHECK_EXTENSION",
    0,
  ]);
  assertEquals([init!.here.ioctl, init!.here.answer], ["KVM_ARM_VCPU_INIT", "EINVAL"]);
  assertStringIncludes(init!.because.join(), "does not offer KVM_ARM_VCPU_SVE");
  const following = rest.filter(({ follows }) => follows === init!.line);
  assert(following.length > 3 && following.every(({ here }) => here.answer === "ENOEXEC"));
});

Deno.test("a negotiation replays on the host it was made on", async () => {
  for (const host of ["max", "neoverse-v1"]) {
    const { differences, skipped } = await replayText(negotiation(host), host);
    assertEquals([differences, skipped], [[], []], host);
  }
});

Deno.test("an ID register that differs is told field by field", async () => {
  const { differences } = await replayText(negotiation("neoverse-v1"), "neoverse-v2");
  const told = differences.find(({ here }) => here.arguments.register === "ID_AA64ZFR0_EL1");
  assertStringIncludes(told!.because.join("; "), "ID_AA64ZFR0_EL1.SVEver was 0 and is 1 here");
});

Deno.test("a changed answer is found, whatever it is", async () => {
  const lines = negotiation("vq4").split("\n");
  const read = lines.findIndex((line) => line.includes("KVM_GET_ONE_REG") && line.includes('"gave"'));
  const list = lines.findLastIndex((line) => line.includes("KVM_GET_REG_LIST"));
  const changed = lines.map((line, index) => {
    const entry = JSON.parse(line);
    if (index === read) entry.gives.value = "0x1234567";
    if (index === list) {
      entry.call.gave = entry.call.gave.slice(0, 16) + "00".repeat(8) + entry.call.gave.slice(32);
    }
    return JSON.stringify(entry);
  });
  const { differences } = await replayText(changed.join("\n"), "vq4");
  assertEquals(differences.map(({ line }) => line), [read + 1, list + 1]);
  assertStringIncludes(differences[1]!.because.join("; "), "registers that were not there");
});

Deno.test("a call on what was refused here is left out, and so is one that needs an eventfd", async () => {
  const entry = (ioctl: string, handle: string, call: unknown) =>
    JSON.stringify({ handle, ioctl, arguments: {}, gives: {}, answer: 0, meaning: "", call });
  const { skipped } = await replayText(
    [
      entry("KVM_CREATE_VM", "system", { fd: 3, made: 4, argument: 60 }),
      entry("KVM_ARM_PREFERRED_TARGET", "VM", { fd: 4, argument: "00".repeat(32) }),
      entry("KVM_IRQFD", "VM", { fd: 4, argument: "00".repeat(32) }),
    ].join("\n"),
    "max",
  );
  assertEquals(skipped.map(({ line }) => line), [2, 3]);
});

Deno.test("a line that gives the kernel less room than it needs, or an address, does no harm", async () => {
  const made = (await recording("no-sve")).split("\n").map((line) => line && JSON.parse(line));
  for (const entry of made) {
    if (!entry) continue;
    if (typeof entry.call.pointee === "number") entry.call.pointee = 1;
    if (entry.ioctl === "KVM_GET_ONE_REG") {
      entry.call.argument = entry.call.argument.slice(0, 16) + "ff".repeat(8);
    }
  }
  const text = made.filter(Boolean).map((entry) => JSON.stringify(entry)).join("\n");
  const { calls } = await replayText(text, "no-sve");
  assertEquals(calls, 62);
});

const [valid] = negotiation("no-sve").split("\n");
const changed = (change: (entry: Record<string, unknown>) => void) => {
  const entry = JSON.parse(valid!);
  change(entry);
  return `${valid}\n${JSON.stringify(entry)}`;
};

const malformed: Readonly<Record<string, [text: string, says: string[]]>> = {
  "an empty file": ["\n", ["calls is empty", "--transcript=FILE.jsonl"]],
  "text": ["system: KVM_GET_API_VERSION() = 12", ["calls:1", "is not JSON"]],
  "a line without its call": [changed((entry) => delete entry.call), ["calls:2", '"call"']],
  "a call nobody makes": [changed((entry) => entry.ioctl = "KVM_DANCE"), ["calls:2", '"ioctl"', "KVM_RUN"]],
  "bytes that are none": [changed((entry) => entry.call = { fd: 3, argument: "xyz" }), [
    "calls:2",
    '"call.argument"',
  ]],
  "a structure too short": [
    changed((entry) => Object.assign(entry, { ioctl: "KVM_GET_ONE_REG", call: { fd: 3, argument: "00" } })),
    ["calls:2", '"call.argument"', "16 bytes"],
  ],
  "a list without room for its ids": [
    changed((entry) =>
      Object.assign(entry, { ioctl: "KVM_GET_REG_LIST", call: { fd: 3, argument: "ff00000000000000" } })
    ),
    ["calls:2", '"call.argument"', "room for as many"],
  ],
  "memory beyond its allocation": [
    changed((entry) =>
      Object.assign(entry, {
        ioctl: "KVM_SET_USER_MEMORY_REGION",
        call: {
          fd: 3,
          argument: "00".repeat(16) + "0020000000000000" + "00".repeat(8),
          memory: { block: "0x1000", size: 4096, offset: 0, isKept: true },
        },
      })
    ),
    ["calls:2", '"call.memory"', "within its allocation"],
  ],
  "a structure where an integer is due": [
    changed((entry) => entry.call = { fd: 3, argument: "00" }),
    ["calls:2", "an integer"],
  ],
};

for (const [what, [text, says]] of Object.entries(malformed)) {
  Deno.test(`a transcript that is ${what} is refused with its line`, () => {
    const { message } = assertThrows(() => parseTranscript("transcript", "calls", text), RequestError);
    assertEquals(message.split("\n").length, 1);
    for (const words of says) assertStringIncludes(message, words);
  });
}
