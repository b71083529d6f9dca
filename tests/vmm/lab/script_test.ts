// Scripts of calls: what their lines can say, that every answer is told and explained, and what is expected of it.

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { interpreterBackend } from "../../../vmm/interpreter/backend.ts";
import { findHost } from "../../../vmm/interpreter/hosts.ts";
import { offerOf } from "../../../vmm/kvm/host_offer.ts";
import { RequestError } from "../../../vmm/kvm/request_error.ts";
import { recorded, type TranscriptEntry } from "../../../vmm/kvm/transcript.ts";
import { scriptVerbs } from "../../../vmm/lab/script_calls.ts";
import { formsOfCalls, parsePerformance, type PerformedStep } from "../../../vmm/lab/script_performance.ts";
import { withRunLimit } from "../../../vmm/machine/run_limit.ts";

async function perform(text: string, host = "pow2-512", seconds = 30): Promise<PerformedStep[]> {
  const performance = parsePerformance("lines", text);
  const bare = interpreterBackend(findHost(host));
  const offer = offerOf(bare);
  const entries: TranscriptEntry[] = [];
  const backend = recorded(bare, (entry) => void entries.push(entry), [], true);
  return await withRunLimit(
    bare,
    performance.runsGuests,
    seconds,
    (limit) => Array.from(performance.perform({ backend, entries, offer, limit })),
  );
}

const faults = (steps: readonly PerformedStep[]) =>
  steps.flatMap(({ line, fault }) => fault ? [[line, fault]] : []);
const last = (steps: readonly PerformedStep[]) => steps.at(-1)!;
const answerOf = (step: PerformedStep) => step.calls.at(-1)!.entry.answer;

Deno.test("every step and every wrong step of two vcpus' lives is answered as the script expects", async () => {
  const script = await Deno.readTextFile(new URL("recorded/orders.velum", import.meta.url));
  const steps = await perform(script);
  assertEquals(faults(steps), []);
  assert(steps.length > 50);
});

Deno.test("what a line needs is made for it, and told as made", async () => {
  const [step] = await perform("vcpu 3 init SVE");
  assertEquals(
    step!.calls.map(({ entry, isMade }) => [entry.ioctl, isMade]),
    [["KVM_CREATE_VM", true], ["KVM_CREATE_VCPU", true], ["KVM_ARM_VCPU_INIT", false]],
  );
});

const mistakes: Readonly<Record<string, { lines: string; answer: string; advice: string; host?: string }>> = {
  "run before init": {
    lines: "vcpu 0 run",
    answer: "ENOEXEC",
    advice: '"vcpu 0 init" should have come before',
  },
  "run before finalize": {
    lines: "vcpu 0 init SVE\nvcpu 0 run",
    answer: "EPERM",
    advice: '"vcpu 0 finalize SVE" should have come before',
  },
  "the list of registers before finalize": {
    lines: "vcpu 1 init SVE\nvcpu 1 reg-list",
    answer: "EPERM",
    advice: '"vcpu 1 finalize SVE" should have come before',
  },
  "lengths after finalize": {
    lines: "vcpu 0 init SVE\nvcpu 0 finalize SVE\nvcpu 0 set KVM_REG_ARM64_SVE_VLS 128",
    answer: "EPERM",
    advice: "belongs between init and finalize",
  },
  "finalize without SVE": {
    lines: "vcpu 0 init\nvcpu 0 finalize SVE",
    answer: "EINVAL",
    advice: '"vcpu 0 init SVE" should have come before',
  },
  "one half of pointer authentication": {
    lines: "vcpu 0 init PTRAUTH_GENERIC",
    answer: "EINVAL",
    advice: "KVM_ARM_VCPU_PTRAUTH_ADDRESS should have been asked for too",
  },
  "a feature that the host lacks": {
    lines: "vcpu 0 init SVE",
    answer: "EINVAL",
    advice: "does not offer KVM_ARM_VCPU_SVE",
    host: "no-sve",
  },
  "a set with a hole": {
    lines: "vcpu 0 init SVE\nvcpu 0 set KVM_REG_ARM64_SVE_VLS 128,512",
    answer: "EINVAL",
    advice: "{128} bits or {128, 256} bits or {128, 256, 512} bits",
  },
  "features other than the first vcpu's": {
    lines: "vcpu 0 init SVE\nvcpu 1 init",
    answer: "EINVAL",
    advice: "the first has SVE",
  },
  "a V register of a vcpu with SVE": {
    lines: "vcpu 0 init SVE\nvcpu 0 get V3",
    answer: "EINVAL",
    advice: "low 128 bits of Z0 to Z31",
  },
  "a Z register without SVE": {
    lines: "vcpu 0 init\nvcpu 0 get Z3",
    answer: "ENOENT",
    advice: '"vcpu 0 init SVE" should have come before',
  },
  "a key without pointer authentication": {
    lines: "vcpu 0 init\nvcpu 0 get APIAKEYLO_EL1",
    answer: "ENOENT",
    advice: "init PTRAUTH_ADDRESS PTRAUTH_GENERIC",
  },
  "an interrupt controller that was not initialised": {
    lines: "vcpu 0 init\ngic dist 0x8000000\ngic redist 0x80a0000\nvcpu 0 run",
    answer: "EBUSY",
    advice: '"gic init" should have come before',
  },
  "too few redistributors": {
    lines:
      "vcpu 0 init\nvcpu 1 init\ngic dist 0x8000000\ngic redist-region 0x80a0000 0 1\ngic init\nvcpu 0 run",
    answer: "ENXIO",
    advice: "a redistributor for every vcpu",
  },
  "performance monitors without an interrupt": {
    lines: "vcpu 0 init PMU_V3\nvcpu 0 run",
    answer: "EINVAL",
    advice: '"vcpu 0 set-attr 0 0 u32 23"',
  },
};

for (const [what, { lines, answer, advice, host }] of Object.entries(mistakes)) {
  Deno.test(`${what} is refused with what should have come before`, async () => {
    const step = last(await perform(lines, host));
    assertEquals(answerOf(step), answer);
    assertStringIncludes(step.advice ?? "", advice);
  });
}

Deno.test("a VM that was given up answers every call alike", async () => {
  const steps = await perform(
    "vcpu 0 init\ngic dist 0x8000000\nvcpu 0 run\nvcpu 0 get X0\nvm target\ngic init",
  );
  assertEquals(steps.slice(2).map(answerOf), ["ENXIO", "EIO", "EIO", "EIO"]);
});

Deno.test("a guest that never needs the monitor, or is off, is interrupted", async () => {
  const steps = await perform("vcpu 0 init\nvcpu 0 run\nvcpu 0 init POWER_OFF\nvcpu 0 run", "vq4", 0.05);
  assertEquals([answerOf(steps[1]!), answerOf(steps[3]!)], ["EINTR", "EINTR"]);
});

Deno.test("an answer other than expected is a fault of its line, a value or error alike", async () => {
  const steps = await perform(
    "vcpu 0 init expect EINVAL\nvcpu 0 set X1 0x10\nvcpu 0 get X1 expect 16\nvcpu 0 get X1 expect 0x11\nvcpu 0 run expect ok",
    "vq4",
    0.05,
  );
  assertEquals(faults(steps), [[1, "EINVAL was expected"], [4, "0x11 was expected"], [5, "ok was expected"]]);
});

Deno.test("every call that a script can make is listed with its form", () => {
  for (const [handle, verbs] of Object.entries(scriptVerbs)) {
    for (const name of Object.keys(verbs)) {
      assert(
        formsOfCalls().split("\n").some((line) => line.startsWith(handle) && line.includes(` ${name}`)),
        name,
      );
    }
  }
});

const malformed: Readonly<Record<string, string[]>> = {
  "": ["no line with a call"],
  "# only a comment": ["no line with a call"],
  "vcpu": ["lines:1", "number of a vcpu is missing"],
  "vcpu x init": ['"x" is no number of a vcpu'],
  "cpu 0 init": ['"cpu" is no handle', "system, vm, vcpu"],
  "system check ARM_SVE\nvcpu 0 start": ["lines:2", 'no call "start"', "init, finalize"],
  "vcpu 0 init SVE3": ['"SVE3" is no feature', "vcpu 0 init [FEATURE...]"],
  "vcpu 0 get": ["REGISTER is missing"],
  "vcpu 0 get Z99": ['no register "Z99"'],
  "vcpu 0 set PC": ["REGISTER and VALUE"],
  "vcpu 0 set PC ten": ['"ten" is no value of PC'],
  "vcpu 0 set PC 0x10000000000000000": ["too large for PC", "64 bits"],
  "vcpu 0 set KVM_REG_ARM64_SVE_VLS 100": ["100 is not a vector length"],
  "vcpu 0 run now": ['"now" is too much'],
  "vcpu 0 finalize SVE twice": ['"twice" is too much'],
  "vcpu 0 run expect": ["what is expected is missing"],
  "vcpu 0 run expect EWHAT": ['"EWHAT" is nothing to expect'],
  "vcpu 0 run expect EPERM or so": ["one word follows"],
  "vm store 0x40000000 1 expect ok": ["no answer to expect"],
  "vm memory 0 0x40000000": ["size is missing"],
  "vcpu 0 debug walk": ['"walk" is no kind of debugging'],
  "gic set-attr 0 0 u8 1": ['"u8" is no type'],
  "vcpu 0 set-mp-state HALTED": ['"HALTED" is no run state', "RUNNABLE, STOPPED, SUSPENDED"],
};

for (const [text, says] of Object.entries(malformed)) {
  Deno.test(`a script's "${text.replace("\n", " / ")}" is refused with its line`, () => {
    const { message, field } = assertThrows(() => parsePerformance("lines", text), RequestError);
    assertEquals([field === "script" || field === "sve", message.split("\n").length], [true, 1]);
    for (const words of says) assertStringIncludes(message, words);
    if (text.includes(" ") && !text.startsWith("#")) assertStringIncludes(message, "lines:");
  });
}
