// The tiny guests in the interpreter, run as a user runs them, with no permission but to read.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { chooseBackend } from "../../../mod.ts";
import { findDifference, programCases } from "../../guest/program_expectations.ts";
import { hostShapes } from "../../kvm-host/host_shapes.ts";
import { machineUnderTest, runCase } from "./run_programs.ts";

const hostDependent = ["features", "vectors", "smp"];

const main = new URL("../../../main.ts", import.meta.url).pathname;

async function run(args: readonly string[], input = "") {
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "--no-prompt",
      "--allow-read",
      main,
      "run",
      "--backend",
      "interpreter",
      ...args,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = command.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, said: decoder.decode(stdout), told: decoder.decode(stderr) };
}

Deno.test("hello says the same on every host", async () => {
  for (const host of ["max", "no-ptrauth", "neoverse-n1", "neoverse-v1", "neoverse-v2", "a64fx", "gicv2"]) {
    const { code, said, told } = await run(["--host", host]);
    assertEquals([code, said, told], [0, "hello from EL1\n", ""], host);
  }
});

Deno.test("five interrupts of the virtual timer arrive", async () => {
  for (const host of ["max", "gicv2"]) {
    const { code, said } = await run(["--host", host, "timer"]);
    assertEquals([code, said], [0, [1, 2, 3, 4, 5].map((n) => `tick ${n}\n`).join("")], host);
  }
});

Deno.test("vcpus that were off start where PSCI CPU_ON says, each a thread", async () => {
  const { code, said } = await run(["smp", "--cpus", "3"]);
  assertEquals(code, 0);
  assertStringIncludes(said, "cpu 2: mpidr 0x0000000080000002");
  assertStringIncludes(said, "cpus up: 3\n");
});

/** What a guest prints that differs from host to host. */
for (const { name: host, gic, sveLengths, ptrauth } of hostShapes) {
  Deno.test(`features, vectors and smp print what they print on KVM: host ${host}`, async () => {
    const machineIs = machineUnderTest({ cpus: 2, gic, lengths: sveLengths, ptrauth });
    const backend = chooseBackend("interpreter", host);
    for (const it of programCases.filter(({ program }) => hostDependent.includes(program))) {
      const run = await runCase(backend, it, machineIs);
      const { ending, lines } = it.outcome(machineIs);
      assertEquals([run.ending, findDifference(lines, run.console)], [ending, undefined], it.program);
    }
  });
}

Deno.test("a guest that watches the power button ends when it is pressed, by either interrupt controller", async () => {
  for (const host of ["max", "gicv2"]) {
    const backend = chooseBackend("interpreter", host);
    for (const cpus of [1, 2]) {
      const machineIs = machineUnderTest({ cpus, gic: 3, lengths: [], ptrauth: true });
      for (const it of programCases.filter((one) => one.isPressed && !one.bootargs)) {
        const run = await runCase(backend, it, machineIs);
        const { ending, lines } = it.outcome(machineIs);
        assertEquals([run.ending, findDifference(lines, run.console)], [ending, undefined], host);
      }
    }
  }
});

Deno.test("a guest has the vector lengths it was given, which need not be powers of two", async () => {
  const lines = (said: string) => said.split("\n").filter((line) => line.startsWith("sve"));
  const { said } = await run(["--host", "vq4", "--sve", "max=384", "features"]);
  assertEquals(lines(said), ["sve: 128 256 384"]);
  assertEquals(lines((await run(["--sve", "off", "vectors"])).said), ["sve: none"]);
});

Deno.test("pointer authentication works as negotiated", async () => {
  const on = await run(["features"]);
  assertEquals(on.code, 0);
  assertStringIncludes(on.said, "pauth wrong modifier: poisoned\n");
  const off = await run(["features", "--ptrauth", "off"]);
  assertEquals(off.code, 0);
  assertEquals(off.said.includes("poisoned"), false);
});

Deno.test("a guest's exit status, its panic and its timeout are the command's", async () => {
  assertEquals((await run(["exit", "--append", "7"])).code, 7);
  const panic = await run(["panic"]);
  assertEquals(panic.code, 1);
  assertStringIncludes(panic.told, "velum: the guest reports that it panicked\n");
  const spin = await run(["spin", "--cpus", "2", "--timeout", "1"]);
  assertEquals(spin.code, 124);
});

Deno.test("accesses where nothing is read as zero, of every width, and typed input reaches the guest", async () => {
  const wild = await run(["wild"]);
  assertEquals(wild.code, 0);
  assertStringIncludes(wild.said, "survived\n");
  const echo = await run(["echo"], "hi\nexit 3\n");
  assertEquals(echo.code, 3);
  assertStringIncludes(echo.said, "you said: hi\n");
});
