// The lab on real KVM beside the interpreter as the same host: a script's calls, a transcript replayed across, vcpus
// of different lengths, and all registers of a guest at three points of its life.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import type { RegisterDump } from "../../../vmm/lab/register_dump_schema.ts";
import { inFolder } from "../../guest/tools.ts";
import { requireBed, runInBed } from "../../kvm-host/bed.ts";
import { type Said, several } from "../cli/several.ts";
import { velum } from "../cli/velum.ts";

const shape = "pow2-512";
const script = fromFileUrl(new URL("recorded/orders.velum", import.meta.url));
const here = ["--backend", "interpreter", "--host", shape];

/** Of hello: its second instruction, and what it is before the first exit. */
const dumps = [["--at", "entry"], ["--at", "0x40080004"], ["--at", "exit"]]
  .map((at) => ["regs", "hello", "--sve", "128,256", "--json", "--set", "X7=0x77", ...at]);
const group = ["negotiate", "--cpus", "2", "--vcpu", "1:sve=256", "--json"];

async function onBoth(folder: string) {
  const [ours, theirs] = [join(folder, "interpreter.jsonl"), join(folder, "kvm.jsonl")];
  const there = await velum([
    "negotiate",
    "--script",
    script,
    "--timeout",
    "60",
    `--transcript=${ours}`,
    ...here,
  ]);
  assertEquals([there.code, there.stderr], [0, ""], there.stdout);
  const [result] = await runInBed(shape, [{
    argv: several([
      ["negotiate", "--script", script, "--timeout", "60", `--transcript=${theirs}`],
      ["replay", ours, "--timeout", "60"],
      group,
      ...dumps,
    ]),
  }]);
  assertEquals(result!.status, 0, result!.stderr);
  const results = JSON.parse(result!.stdout) as Said[];
  const back = await velum(["replay", theirs, ...here]);
  return { results, back };
}

/** Of a processor's own making, and reset to nothing once a guest runs: the interpreter keeps what KVM resets them to. */
const processorsOwn = /^(ID_|MVFR|MIDR|S3_0_C0|CTR_|CLIDR|AFSR[01]_EL1|MDCCINT_EL1)/;

/** What does not depend on when or where: registers whose value is the host's own affair are told by name. */
function comparable({ vcpus }: RegisterDump): Map<string, string> {
  const own = /^(KVM_REG_ARM_P?TIMER_C\w+|CNT\w*)$/;
  return new Map(
    vcpus.flatMap(({ registers }) =>
      registers.map(({ name, value }): [string, string] => [name, own.test(name) ? "" : value])
    ),
  );
}

Deno.test("real KVM and the interpreter go through the same scripts, replays, negotiations and stops", {
  ignore: !await requireBed(),
}, async (t) => {
  const { results, back } = await inFolder(onBoth);
  const [performed, replayed, negotiated, ...dumped] = results as [Said, Said, Said, ...Said[]];

  await t.step("every expectation of the script is met on KVM", () => {
    assertEquals(performed.status, 0, performed.stdout);
  });
  await t.step("a transcript of either backend replays on the other without a difference", () => {
    assertStringIncludes(replayed.stdout, "none answered otherwise");
    assertEquals([back.code, back.stdout.split(", ")[1]], [0, "none answered otherwise\n"]);
  });
  await t.step("the vcpus of one VM have different lengths", () => {
    const { vcpus } = JSON.parse(negotiated.stdout);
    assertEquals(vcpus.map((vcpu: { made: { vectorLengths: number[] } }) => vcpu.made.vectorLengths), [
      [128, 256, 512],
      [128, 256],
    ]);
  });
  for (const [index, args] of dumps.entries()) {
    await t.step(`${args.join(" ")} shows the same registers`, async () => {
      const there = dumped[index]!;
      assertEquals(there.status, 0, there.stdout);
      const same = await velum([...args, ...here]);
      const [kvm, interpreter] = [there.stdout, same.stdout].map((text) => comparable(JSON.parse(text)));
      assertEquals([...kvm!.keys()].sort(), [...interpreter!.keys()].sort());
      assert(kvm!.get("X7") === "0x77" || args.includes("exit"));
      const differing = [...kvm!.keys()].filter((name) => kvm!.get(name) !== interpreter!.get(name));
      assertEquals(differing.filter((name) => !processorsOwn.test(name)), []);
    });
  }
});
