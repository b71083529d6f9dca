// velum run on real KVM with the files it writes and what it says on stderr: one boot of the bed.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import type { TranscriptEntry } from "../../../vmm/kvm/transcript.ts";
import { inFolder, run as runTool, testWithTools } from "../../guest/tools.ts";
import { type BedResult, requireBed, runInBed } from "../../kvm-host/bed.ts";
import { busyboxInitramfs, debianKernel } from "../../kvm-host/guest_system.ts";

interface Seen {
  readonly dumped: BedResult;
  readonly linux: BedResult;
  readonly withTree: BedResult;
  readonly timeout: BedResult;
  readonly json: BedResult;
  readonly text: BedResult;
  readonly deviceTree: Uint8Array<ArrayBuffer>;
  readonly transcript: string;
}

type Sixfold<T> = [T, T, T, T, T, T];

let booted: Promise<Seen> | undefined;
/** Boots the bed, once for all tests. */
const boot = () => booted ??= inFolder(bootWithFilesIn);

async function bootWithFilesIn(folder: string): Promise<Seen> {
  const at = (name: string) => join(folder, name);
  const [tree, transcript, initrd] = [at("velum.dtb"), at("calls.jsonl"), at("initrd.cpio")];
  Deno.writeFileSync(initrd, await busyboxInitramfs("base64 /sys/firmware/fdt"));
  const linux = ["run", "--kernel", await debianKernel(), "--initrd", initrd, "--cpus=2"];
  const withConsole = [...linux, "--append", "console=ttyAMA0 quiet"];
  const results = await runInBed("max", [
    { argv: [...withConsole, `--dump-dtb=${tree}`] },
    { argv: withConsole },
    { argv: ["run", "exit", "7", "--dtb", tree] },
    { argv: ["run", "spin", "--timeout", "0.5"] },
    { argv: ["run", "hello", `--transcript=${transcript}`, "--cpus", "2"] },
    { argv: ["run", "--transcript"] },
  ]);
  const [dumped, linuxRun, withTree, timeout, json, text] = results as Sixfold<BedResult>;
  return {
    ...{ dumped, linux: linuxRun, withTree, timeout, json, text },
    deviceTree: Deno.readFileSync(tree),
    transcript: Deno.readTextFileSync(transcript),
  };
}

const ignore = !await requireBed();

/** The lines of base64 that the guest's console shows. */
function blobOf({ stdout }: BedResult): Uint8Array {
  const lines = stdout.split(/\r?\n/).filter((line) => /^[A-Za-z0-9+/]+=*$/.test(line));
  return Uint8Array.from(atob(lines.join("")), (character) => character.charCodeAt(0));
}

testWithTools(["dtc"], "dtc finds nothing to complain of in what --dump-dtb writes on KVM", async () => {
  if (ignore) return;
  const { deviceTree } = await boot();
  assertEquals((await runTool("dtc", ["-I", "dtb", "-O", "dts"], deviceTree)).stderr, "");
});

Deno.test("what velum run writes beside the guest's console, on KVM", { ignore }, async (t) => {
  const seen = await boot();

  await t.step("--dump-dtb runs nothing", () => {
    assertEquals([seen.dumped.status, seen.dumped.stdout, seen.dumped.stderr], [0, "", ""]);
  });
  await t.step("what it writes is byte for byte the tree that Linux is given", () => {
    assertEquals(seen.linux.status, 0, seen.linux.stderr + seen.linux.stdout);
    assertEquals(blobOf(seen.linux), seen.deviceTree);
  });
  await t.step("a guest boots with it as --dtb, and still gets its own arguments", () => {
    assertEquals(seen.withTree.status, 7, seen.withTree.stderr + seen.withTree.stdout);
  });
  await t.step("a guest that runs too long is stopped with status 124 and a sentence", () => {
    assertEquals(seen.timeout.status, 124);
    assertEquals(seen.timeout.stderr, "velum: the guest still ran after 0.5 seconds and was stopped\n");
  });
  await t.step("a transcript in a .jsonl file is a JSON object a line, KVM_RUN of each vcpu included", () => {
    assertEquals(seen.json.status, 0, seen.json.stderr);
    assertEquals(seen.json.stderr, "");
    const entries = seen.transcript.trimEnd().split("\n").map((line) => JSON.parse(line) as TranscriptEntry);
    for (const handle of ["vcpu 0", "vcpu 1"]) {
      assert(entries.some((entry) => entry.ioctl === "KVM_RUN" && entry.handle === handle), handle);
    }
    for (const { ioctl, meaning } of entries) assert(ioctl.startsWith("KVM_") && meaning !== "", ioctl);
  });
  await t.step("a transcript without a file is lines of text on stderr", () => {
    assertEquals(seen.text.status, 0);
    const lines = seen.text.stderr.trimEnd().split("\n");
    for (const line of lines) assertMatch(line, /^[\w ]+: KVM_\w+\(.*\) = \w+.*; ./);
    assert(lines.some((line) => line.startsWith("vcpu 0: KVM_RUN")));
  });
});
