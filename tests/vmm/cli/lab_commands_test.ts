// The lab's commands as they are started: what they print, and what they exit with.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import * as ioctls from "../../../vmm/kvm/ioctls.ts";
import type { Ioctl } from "../../../vmm/kvm/ioctl.ts";
import { inFolder } from "../../guest/tools.ts";
import { velum } from "./velum.ts";

const on = (host: string) => ["--backend", "interpreter", "--host", host];

Deno.test("the steps of a negotiation are told in order, each with its answer, the document's sentence and why now", async () => {
  const { code, stdout } = await velum(["negotiate", "--sve", "128,256", "--steps", ...on("pow2-512")]);
  assertEquals(code, 0);
  const calls = stdout.split("\n").flatMap((line) =>
    /^ *\d+\. .*?: (KVM_\w+)\(.*\) = \S/.exec(line)?.[1] ?? []
  );
  const order = [
    "KVM_GET_API_VERSION",
    "KVM_CREATE_VM",
    "KVM_CREATE_VCPU",
    "KVM_ARM_VCPU_INIT",
    "KVM_SET_ONE_REG",
    "KVM_ARM_VCPU_FINALIZE",
    "KVM_GET_REG_LIST",
  ];
  const places = order.map((name) => calls.lastIndexOf(name));
  assertEquals(places.toSorted((a, b) => a - b), places);
  assertEquals(stdout.match(/Why now: /g)?.length, calls.length);
  for (const name of new Set(calls)) {
    const { says } = (ioctls as Readonly<Record<string, Ioctl>>)[name]!;
    assertStringIncludes(stdout.replace(/\s+/g, " "), says);
  }
  assertEquals(stdout.includes("no order that the document prescribes"), false);
});

Deno.test("vcpus of one VM have their own lengths, and one with other features is refused with why", async () => {
  const { code, stdout, stderr } = await velum(
    [
      "negotiate",
      "--cpus",
      "4",
      "--vcpu",
      "1:sve=256",
      "--vcpu",
      "2:sve=128,384",
      "--vcpu",
      "3:ptrauth=off",
      ...on("vq4"),
    ],
  );
  assertEquals(code, 2);
  assertMatch(stdout, /^ {2}0 +\{128, 256, 384, 512\} bits +yes +yes +362$/m);
  assertMatch(stdout, /^ {2}1 +\{128, 256\} bits/m);
  assertMatch(stdout, /^ {2}2 +refused/m);
  assertStringIncludes(stderr, "velum: vcpu 2: vector length 256 offends");
  assertStringIncludes(
    stderr,
    "velum: vcpu 3: KVM_ARM_VCPU_INIT answered EINVAL: the vcpus of one VM have the same",
  );
});

Deno.test("a script's transcript replays, performs again as a script, and differs where the host does", async () => {
  await inFolder(async (folder) => {
    const [script, calls] = [join(folder, "lines"), join(folder, "calls.jsonl")];
    await Deno.writeTextFile(
      script,
      "vcpu 0 init SVE\nvcpu 0 run expect EPERM\nvcpu 0 finalize SVE expect EPERM\n",
    );
    const performed = await velum(["negotiate", "--script", script, `--transcript=${calls}`, ...on("a64fx")]);
    assertEquals(performed.code, 1);
    assertStringIncludes(performed.stdout, `${script}:3: EPERM was expected`);
    assertEquals((await velum(["replay", calls, ...on("a64fx")])).code, 0);
    const again = await velum(["negotiate", "--script", calls, "--json", ...on("a64fx")]);
    assertEquals([again.code, JSON.parse(again.stdout).length], [0, 6]);
    const differing = await velum(["replay", calls, ...on("neoverse-n1")]);
    assertEquals(differing.code, 1);
    assertStringIncludes(differing.stdout, `${calls}:3: vcpu 0: KVM_ARM_VCPU_INIT`);
    assertStringIncludes(differing.stdout, "this host does not offer KVM_ARM_VCPU_SVE");
  });
});

Deno.test("the transcript of a run replays up to its guest, and says what it cannot replay", async () => {
  await inFolder(async (folder) => {
    const calls = join(folder, "calls.jsonl");
    await velum(["run", "hello", `--transcript=${calls}`, ...on("vq4")]);
    const { code, stdout } = await velum(["replay", calls, "--json", ...on("vq4")]);
    const { calls: made, skipped } = JSON.parse(stdout);
    assertEquals(code, 0);
    assert(made > 20 && skipped.length > 10);
    assertStringIncludes(skipped[0].why, "memory is larger than what a transcript holds");
  });
});

Deno.test("a guest's registers are shown at its entry, at an address, at an exit and at its end, and compared", async () => {
  await inFolder(async (folder) => {
    const dumpAt = async (name: string, at: readonly string[]) => {
      const { code, stdout, stderr } = await velum(["regs", "exit", "7", "--json", ...at, ...on("vq4")]);
      assertEquals(code, 0, stderr);
      const file = join(folder, name);
      await Deno.writeTextFile(file, stdout);
      const { at: where, vcpus } = JSON.parse(stdout);
      const value = (of: string) => vcpus[0].registers.find((one: { name: string }) => one.name === of).value;
      return { file, where, value };
    };
    const entry = await dumpAt("entry", ["--set", "X9=0x99"]);
    assertEquals([entry.value("PC"), entry.value("X9")], ["0x40080000", "0x99"]);
    const address = await dumpAt("address", ["--at", "0x40080004"]);
    assertEquals([address.value("PC"), address.where], [
      "0x40080004",
      "address 0x40080004, which vcpu 0 came to",
    ]);
    const mmio = await dumpAt("mmio", ["--at", "exit=mmio"]);
    assertStringIncludes(mmio.where, "KVM_EXIT_MMIO");
    assertEquals((await dumpAt("end", ["--at", "exit"])).where, "its end (exit status 7)");
    const { code, stdout } = await velum(["regs", "diff", entry.file, address.file]);
    assertEquals(code, 1);
    assertMatch(stdout, /^vcpu 0 +PC +0x40080000 +0x40080004$/m);
    assertEquals((await velum(["regs", "diff", entry.file, entry.file])).code, 0);
  });
});

Deno.test("a guest that does not come to the point is told of, as is one that runs on", async () => {
  const [ended, running] = await Promise.all([
    velum(["regs", "hello", "--at", "0x50000000", ...on("vq4")]),
    velum(["regs", "spin", "--at", "exit", "--timeout", "1", "--cpus", "2", "--vcpu", "1", ...on("vq4")]),
  ]);
  assertEquals(ended.code, 1);
  assertStringIncludes(ended.stderr, "ended before it came to the point");
  assertEquals(running.code, 124);
  assertMatch(running.stdout, /^vcpu 1, at where it was after 1 seconds/);
});
