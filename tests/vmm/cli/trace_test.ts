// run --trace on the interpreter: one guest, in text and as JSON.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { link, linkTools } from "../../guest/assembled.ts";
import { inFolder, testWithTools } from "../../guest/tools.ts";
import { tracedGuest } from "./traced_guest.ts";

const program = fromFileUrl(new URL("../../../main.ts", import.meta.url));

async function velum(...args: string[]) {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--cached-only", "--allow-read", "--allow-write", program, ...args],
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), lines: text(stderr).split("\n").slice(0, -1) };
}

const run = (kernel: string, ...options: string[]) =>
  velum("run", "--backend", "interpreter", "--kernel", kernel, ...options);

const withGuest = (body: (kernel: string, folder: string) => Promise<void>) =>
  inFolder(async (folder) => {
    const kernel = `${folder}/guest.elf`;
    await Deno.writeFile(kernel, await link(tracedGuest));
    await body(kernel, folder);
  });

/** Each must be in a line of its own, in this order. */
function assertInOrder(lines: readonly string[], wanted: readonly RegExp[]) {
  let from = 0;
  for (const pattern of wanted) {
    const at = lines.findIndex((line, index) => index >= from && pattern.test(line));
    assert(at >= 0, `no line like ${pattern} from here on:\n${lines.slice(from).join("\n")}`);
    from = at + 1;
  }
}

testWithTools(
  linkTools,
  "a trace tells instructions, what they changed and reached, and what they caused",
  () =>
    withGuest(async (kernel) => {
      const { code, lines } = await run(
        kernel,
        "--trace=insn,exception,tlb,psci,mmio",
        "--trace-from",
        "work",
      );
      assertEquals(code, 3);
      assertMatch(lines[0]!, /^insn: vcpu 0 #18 EL1 0x40080054 <work>: d40000a1 +svc #0x5$/);
      assertInOrder(lines, [
        /^exception: .*<work>: SVC: immediate 0x5, ESR_EL1 0x56000005, from EL1 to EL1, vector 0x40080a00 /,
        /<vectors\+0x200>: d538520a +mrs x10, esr_el1 +X10=0x56000005$/,
        /insn: .* ldr x3, \[x2\]$/,
        /^tlb: .*translation fault, level 0 on a read at 0x8000000000$/,
        /^exception: .*Data Abort: translation fault, level 0 on a read, .*FAR_EL1 0x8000000000/,
        /^exception: .*undefined instruction/,
        /ldaddal x5, x6, \[x9\] +X6=0x28, 64-bit \[0x\w+\] -> 0x28/,
        /stp x5, x6, \[x9, #16\] +0x2 -> 64-bit \[0x\w+\], 0x28 -> 64-bit \[0x\w+\]$/,
        /ldrb w7, \[x9\] +X7=0x2a, 8-bit \[0x\w+\] -> 0x2a$/,
        /movi v3\.16b, #0x55 +V3=0x5{32}$/,
        /subs x8, x5, #0x2 +NZCV=0x60000000$/,
        /^tlb: .*: tlbi vae1, 0x\w+$/,
        /hvc #0x0 +X0=0x10001, X2=0x0$/,
        /^psci: .*: PSCI_VERSION\(\) = 0x10001$/,
        /ldr w2, \[x1, #24\] +X2=0x90$/,
        /^mmio: .*: 32-bit read at 0x9000018 = 0x90$/,
        /str w0, \[x1\]$/,
        /^mmio: .*: 32-bit write at 0x90f0000 = 0x3$/,
      ]);
      const numbers = lines.filter((line) => line.startsWith("insn")).map((line) =>
        Number(/#(\d+)/.exec(line)![1])
      );
      assertEquals(numbers, numbers.map((_, n) => n + 18));
    }),
);

testWithTools(
  linkTools,
  "a trace is JSON lines in a file, ends at its limit, and the guest goes on",
  () =>
    withGuest(async (kernel, folder) => {
      const file = `${folder}/trace.jsonl`;
      const { code, lines } = await run(
        kernel,
        "--trace=tlb,exception",
        "--trace-to",
        file,
        "--trace-limit",
        "3",
      );
      assertEquals([code, lines], [3, []]);
      const events = (await Deno.readTextFile(file)).trimEnd().split("\n").map((line) => JSON.parse(line));
      assertEquals(events.length, 3);
      const [fetch, exception] = events;
      assertEquals([fetch.event, fetch.access, fetch.physical, fetch.permissions, fetch.memory], [
        "tlb",
        "fetch",
        fetch.address,
        "rwx",
        "Normal",
      ]);
      assertEquals([exception.event, exception.symbol, exception.class, exception.syndrome, exception.from], [
        "exception",
        "work",
        0x15,
        "immediate 0x5",
        1,
      ]);
    }),
);

Deno.test("interrupts are told as they become pending, are acknowledged and ended", async () => {
  const { code, stdout, lines } = await velum("run", "--backend", "interpreter", "--trace=irq", "timer");
  assertEquals([code, stdout.split("\n").length], [0, 6]);
  const told = lines.map((line) => line.replace(/^irq: vcpu 0 #\d+ EL1 0x\w+: /, ""));
  const each = ["pending", "acknowledge", "end"].map((action) => `${action} PPI 11 (INTID 27)`);
  assertEquals(told, Array.from({ length: 5 }, () => each).flat());
});

testWithTools(
  linkTools,
  "a guest whose vectors are nowhere ends with what came before, its exits and registers",
  () =>
    inFolder(async (folder) => {
      await Deno.writeFile(
        `${folder}/guest.elf`,
        await link(".global _start\n_start: mov x1, #7\n.inst 0\n"),
      );
      const { code, lines } = await run(`${folder}/guest.elf`);
      assertEquals(code, 1);
      assertInOrder(lines, [
        /^velum: vcpu 0 cannot go on: exceptions follow each other without an instruction completed: .* at 0x200/,
        /^vcpu 0, its last exits to the monitor:$/,
        /KVM_EXIT_INTERNAL_ERROR: suberror 3/,
        /^vcpu 0, its last exceptions:$/,
        /^ {2}at 0x40080004: undefined instruction, .*vector 0x200 \(VBAR_EL1\+0x200\)$/,
        /^ {2}at 0x200: Instruction Abort: external abort, .* \(\d+ times\)$/,
        /^vcpu 0:$/,
        / X1 +0000000000000007 /,
      ]);
    }),
);
