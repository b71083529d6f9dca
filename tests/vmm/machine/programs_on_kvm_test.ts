// The tiny guests on real KVM, in every host shape of the test bed: the very list that QEMU runs.

import { assert, assertEquals } from "@std/assert";
import { caseName, findDifference, programCases } from "../../guest/program_expectations.ts";
import { requireBed, runInBed } from "../../kvm-host/bed.ts";
import { hostShapes } from "../../kvm-host/host_shapes.ts";
import { machineUnderTest, type ProgramRun } from "./run_programs.ts";

const ignore = !await requireBed();

/** What differs from host to host; the others need one host. */
const hostDependent = ["features", "smp", "timer", "vectors", "echo"];

for (const shape of hostShapes) {
  const isFirst = shape === hostShapes[0];
  const only = isFirst ? undefined : hostDependent;
  for (const cpus of isFirst ? [1, 2] : [2]) {
    Deno.test(
      `the tiny guests do on KVM what they are to do: host ${shape.name}, ${cpus} vcpus`,
      { ignore },
      async (t) => {
        const machineIs = machineUnderTest({
          cpus,
          gic: shape.gic,
          lengths: shape.sveLengths,
          ptrauth: shape.ptrauth,
        });
        const script = new URL("run_programs.ts", import.meta.url).pathname;
        const lengths = machineIs.lengths.join() || "none";
        const argv = [
          "/bin/deno",
          "run",
          "-A",
          script,
          `${cpus}`,
          `${machineIs.gic}`,
          lengths,
          `${machineIs.ptrauth}`,
        ];
        const [result] = await runInBed(shape.name, [
          { argv: only ? [...argv, only.join()] : argv },
        ]);
        assertEquals(result?.status, 0, result?.stderr);
        const runs = JSON.parse(result!.stdout) as ProgramRun[];
        for (const it of programCases.filter(({ program }) => only?.includes(program) ?? true)) {
          await t.step(caseName(it), () => {
            const outcome = it.outcome(machineIs);
            const run = runs.find(({ name }) => name === caseName(it));
            assert(run, "it did not run");
            assertEquals(findDifference(outcome.lines, run.console), undefined);
            assertEquals(run.ending, outcome.ending === "never" ? "stopped" : outcome.ending);
          });
        }
      },
    );
  }
}
