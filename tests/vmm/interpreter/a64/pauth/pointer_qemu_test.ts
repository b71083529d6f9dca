// Pointer authentication by QARMA5 at the level of FEAT_PAuth, against QEMU's whole-system emulation: a
// program without a kernel sets keys and TCR_EL1 and writes each instruction's result to the UART. QEMU 7.2 knows
// neither QARMA3 nor the later levels, so those are not checked here.

import { assertEquals } from "@std/assert";
import { seededRandom } from "../../../../devices/random.ts";
import { inFolder, run, testWithTools } from "../../../../guest/tools.ts";
import { caseCount } from "../oracle/case_count.ts";
import { computePac } from "../../../../../vmm/interpreter/a64/pauth/algorithm.ts";
import { addPac, auth, pacga, strip } from "../../../../../vmm/interpreter/a64/pauth/pointer.ts";
import { pointerLayout } from "../../../../../vmm/interpreter/a64/pauth/pointer_layout.ts";

const method = { algorithm: "QARMA5", level: 1, constPacField: false } as const;
const sizes = { smallTranslationTables: true, largeWith64k: true, largeWithDs: true };
const NAMES = [
  "pacia",
  "pacib",
  "pacda",
  "pacdb",
  "autia",
  "autib",
  "autda",
  "autdb",
  "xpaci",
  "xpacd",
  "pacga",
];
const cases = NAMES.length * caseCount(27);

interface Case {
  readonly name: string;
  readonly x: bigint;
  readonly modifier: bigint;
  readonly key: { readonly low: bigint; readonly high: bigint };
  readonly tcr: bigint;
}

function ours({ name, x, modifier, key, tcr }: Case): bigint | "fault" {
  const layout = pointerLayout(tcr, name[3] === "d" || name === "xpacd", sizes);
  if (name === "pacga") return pacga(x, modifier, key, computePac.QARMA5);
  if (name.startsWith("xpac")) return strip(x, layout);
  if (name.startsWith("pac")) return addPac(x, modifier, key, layout, method);
  return auth(x, modifier, key, { isKeyB: name[4] === "b", isCombined: false }, layout, method);
}

function makeCases(): Case[] {
  const random = seededRandom(30);
  const wide = () => BigInt(random.word()) << 32n | BigInt(random.word());
  return Array.from({ length: cases }, (_, number) => {
    const name = NAMES[number % NAMES.length]!;
    const tags = random.of([0n, 3n]) << 37n | random.of([0n, 3n]) << 51n; // alike in both halves
    const tcr = tags | random.of([16n, 25n, 33n]) * 0x10001n | 2n << 30n;
    const address = wide() & 0x7fffffn;
    const x = random.of([wide(), address, 0xffffffffff000000n | address]);
    const plain = { name, x, modifier: wide(), key: { low: wide(), high: wide() }, tcr };
    const isSigned = name.startsWith("aut") && random.below(2) === 1;
    if (!isSigned) return plain;
    return { ...plain, x: ours({ ...plain, x: address, name: `pac${name.slice(3)}` }) as bigint };
  });
}

function keys(): string {
  return ["apia", "apib", "apda", "apdb", "apga"]
    .map((key) => `msr ${key}keylo_el1, x2\n msr ${key}keyhi_el1, x3\n`).join("");
}

function program(cases: readonly Case[]): string {
  const bodies = NAMES.map((name) => {
    const operands = name === "pacga" ? "x0, x0, x1" : name.startsWith("xpac") ? "x0" : "x0, x1";
    return `${name} ${operands}\n b done\n`;
  });
  const rows = cases.map(({ name, x, modifier, key, tcr }) =>
    `.quad ${[BigInt(NAMES.indexOf(name)), x, modifier, key.low, key.high, tcr].join(", ")}`
  );
  return `mrs x0, sctlr_el1
ldr x1, =0xc8002000
orr x0, x0, x1
msr sctlr_el1, x0
adr x20, cases
ldr x21, =${cases.length}
ldr x22, =0x09000000
next: ldp x5, x0, [x20], #16
ldp x1, x2, [x20], #16
ldp x3, x4, [x20], #16
${keys()}msr tcr_el1, x4
isb
adr x6, bodies
add x6, x6, x5, lsl #3
br x6
bodies: ${bodies.join("")}done: mov x7, #8
byte: strb w0, [x22]
lsr x0, x0, #8
subs x7, x7, #1
b.ne byte
subs x21, x21, #1
b.ne next
ldr x0, =0x84000008
hvc #0
.ltorg
.balign 8
cases: ${rows.join("\n")}
`;
}

function isMissing(): boolean {
  try {
    return !new Deno.Command("qemu-system-aarch64", { args: ["--version"] }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && Deno.env.get("CI") !== "true") return true;
    throw error;
  }
}

async function theirs(source: string): Promise<bigint[]> {
  return await inFolder(async (folder) => {
    const text = new TextEncoder().encode(source);
    await run("aarch64-linux-gnu-as", ["-march=armv8.5-a", "-o", `${folder}/a.o`, "-"], text);
    await run("aarch64-linux-gnu-objcopy", ["-O", "binary", `${folder}/a.o`, `${folder}/a.bin`]);
    const options = "-M virt -cpu max -nic none -display none -monitor none -serial stdio -kernel".split(" ");
    const args = [...options, `${folder}/a.bin`];
    const { stdout, stderr } = await new Deno.Command("qemu-system-aarch64", { args, stdin: "null" })
      .output();
    if (stderr.length > 0) throw new Error(new TextDecoder().decode(stderr));
    const view = new DataView(stdout.buffer, stdout.byteOffset, stdout.byteLength);
    return Array.from({ length: stdout.byteLength >> 3 }, (_, n) => view.getBigUint64(8 * n, true));
  });
}

if (isMissing()) console.log("skipped: pointer authentication against QEMU needs qemu-system-arm");
else {
  testWithTools(
    ["aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy"],
    "signing, checking and stripping give what QEMU's QARMA5 gives",
    async () => {
      const cases = makeCases();
      const results = await theirs(program(cases));
      assertEquals(results.length, cases.length);
      const differing = cases.flatMap((one, n) =>
        ours(one) === results[n] ? [] : [`${Deno.inspect(one)}: ours ${ours(one)}, theirs ${results[n]}`]
      );
      assertEquals(differing, []);
    },
  );
}
