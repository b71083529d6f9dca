// Programs without a kernel, run by QEMU's whole-system emulation and by the interpreter: what they tell must be
// the same. A program finds RAM mapped several times and every exception recorded. QEMU's tellings come by a host
// call (Arm IHI 0100, "Semihosting for AArch32 and AArch64"), the interpreter's are found in its memory.

import { Machine } from "../../../../vmm/machine/machine.ts";
import { interpreterBackend } from "../../../../vmm/interpreter/backend.ts";
import { findHost } from "../../../../vmm/interpreter/hosts.ts";
import { everythingAuto } from "../../../../vmm/kvm/feature_request.ts";
import { inFolder, run } from "../../../guest/tools.ts";

/** Where the image lies, and what is added to its addresses for each further mapping. */
export const image = 0x4008_0000n;
export const mappings = {
  plain: 0n,
  guarded: 1n << 30n,
  el0: 3n << 30n,
  el0Guarded: 4n << 30n,
  el0Data: 5n << 30n,
} as const;
/** Nothing is mapped here. */
export const unmapped = 0x2_0000_0000n;
/** In RAM; a program may use what is beyond as it likes. */
export const scratch = 0x4100_0000n;

const results = 0x4040_0000n;
/** Milliseconds for QEMU to be done. */
const patience = 60_000;
const memorySize = 64 << 20;

const AF = 1n << 10n, inner = 3n << 8n, device = 1n << 2n, readOnly = 1n << 7n, atEl0 = 1n << 6n, block = 1n;
const GP = 1n << 50n;
const ram = 0x4000_0000n | AF | inner | block;
/** Of level 1, each 1 GiB. */
const descriptors = [
  AF | device | block,
  ram,
  ram | GP,
  0n,
  ram | readOnly | atEl0,
  ram | readOnly | atEl0 | GP,
  ram | atEl0,
];

/** A literal that the assembler keeps near by. */
export const constant = (value: bigint) => `=0x${value.toString(16)}`;

/**
 * Assembly around a program's own. That starts at EL1 with the MMU on; `tell Xn` adds a register to what is
 * told, and an exception adds ESR_EL1, ELR_EL1, SPSR_EL1 and FAR_EL1 and goes on at X27, at EL1. X27 to
 * X30 are taken. It ends by `b finish`.
 */
function around(body: string): string {
  const vectors = Array.from({ length: 16 }, () => ".balign 0x80\n b record\n").join("");
  return `.macro tell register
 str \\register, [x28], #8
.endm
start: ldr x28, ${constant(results)}
 adr x0, vectors
 msr vbar_el1, x0
 adr x0, tables
 msr ttbr0_el1, x0
 ldr x0, =0xff
 msr mair_el1, x0
 ldr x0, ${constant(25n | 1n << 23n | 5n << 32n)}
 msr tcr_el1, x0
 msr far_el1, xzr
 isb
 mrs x0, sctlr_el1
 orr x0, x0, #1
 msr sctlr_el1, x0
 isb
 ${body}
finish: ldr x29, ${constant(results)}
 ldr x1, ${constant(results)}
 str x28, [x1, #-8]
.ifdef HOST_CALLS
 adr x1, opening
 mov w0, #1 // SYS_OPEN
 hlt #0xf000
 adr x1, writing
 sub x28, x28, x29
 stp x0, x29, [x1]
 str x28, [x1, #16]
 mov w0, #5 // SYS_WRITE
 hlt #0xf000
.endif
 ldr x0, =0x84000008
 hvc #0
.balign 8
opening: .quad output - start + ${image}, 4, 3 // for writing; the name's length
writing: .quad 0, 0, 0 // the handle, where, how many bytes
output: .asciz ":tt"
.balign 4
record: mrs x29, esr_el1
 tell x29
 mrs x29, elr_el1
 tell x29
 mrs x29, spsr_el1
 tell x29
 mrs x29, far_el1
 msr far_el1, xzr
 tell x29
 msr elr_el1, x27
 mov x29, #0x3c5
 msr spsr_el1, x29
 eret
.ltorg
.balign 0x800
vectors: ${vectors}
.balign 0x1000
tables: .quad ${descriptors.join(", ")}
.balign 0x1000, 0 // Padding would be NOPs, which are descriptors.
`;
}

async function assemble(body: string, folder: string, hasHostCalls: boolean): Promise<string> {
  const text = new TextEncoder().encode(around(body));
  const file = `${folder}/${hasHostCalls}`;
  const options = ["-march=armv8.5-a+sve", ...hasHostCalls ? ["--defsym", "HOST_CALLS=1"] : []];
  await run("aarch64-linux-gnu-as", [...options, "-o", `${file}.o`, "-"], text);
  await run("aarch64-linux-gnu-objcopy", ["-O", "binary", `${file}.o`, `${file}.bin`]);
  return `${file}.bin`;
}

async function inQemu(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const options = "-M virt,gic-version=3 -cpu max -nic none -display none -monitor none -serial none " +
    "-semihosting-config enable=on,target=native -kernel";
  const { stdout, stderr } = await new Deno.Command("qemu-system-aarch64", {
    args: [...options.split(" "), file],
    stdin: "null",
    signal: AbortSignal.timeout(patience),
  }).output();
  if (stderr.length > 0) throw new Error(new TextDecoder().decode(stderr));
  return stdout;
}

async function inInterpreter(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const machine = await Machine.create({
    backend: interpreterBackend(findHost("max")),
    cpus: 1,
    memorySize,
    features: everythingAuto,
    kernel: await Deno.readFile(file),
    commandLine: "",
  });
  try {
    machine.start();
    const { kind } = await machine.ended;
    if (kind !== "shutdown") throw new Error(`the program ended by ${kind}`);
    const told = (end: number) => machine.virtual.memory.slice(Number(results) - 8, end)!.slice();
    const [end] = doublewords(told(8));
    return told(8 + Number(end! - results)).subarray(8);
  } finally {
    machine.close();
  }
}

/** What a program that has many outcomes tells before each: this and the outcome's number, from 1. */
export const mark = 0x7a5e_c0de_0000_0000n;

/** What was told of each outcome. */
export function outcomesIn(told: readonly bigint[]): bigint[][] {
  const found: bigint[][] = [];
  for (const value of told) {
    if (value === mark + BigInt(found.length + 1)) found.push([]);
    else found.at(-1)?.push(value);
  }
  return found;
}

const doublewords = (bytes: Uint8Array) => [...new BigUint64Array(bytes.slice().buffer)];

/** What the program tells in the interpreter alone. */
export async function interpreterTells(body: string): Promise<bigint[]> {
  return await inFolder(async (folder) =>
    doublewords(await inInterpreter(await assemble(body, folder, false)))
  );
}

/** What the program tells in each. */
export async function tellingsOf(body: string): Promise<{ qemu: bigint[]; interpreter: bigint[] }> {
  return await inFolder(async (folder) => {
    const [qemu, interpreter] = await Promise.all([
      assemble(body, folder, true).then(inQemu),
      assemble(body, folder, false).then(inInterpreter),
    ]);
    return { qemu: doublewords(qemu), interpreter: doublewords(interpreter) };
  });
}
