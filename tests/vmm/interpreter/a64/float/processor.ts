// The oracle of floating point: real instructions, run by qemu-aarch64-static in a C program compiled here.

/** What one instruction left: the vector register's low half, a general register, FPSR and NZCV. */
export interface Outcome {
  readonly vector: bigint;
  readonly general: bigint;
  readonly fpsr: number;
  readonly nzcv: number;
}

/** v0 = c, v1 = a, v2 = b, and x1 = a before the instruction. */
export interface Case {
  readonly instruction: number;
  readonly fpcr: number;
  readonly a: bigint;
  readonly b: bigint;
  readonly c: bigint;
}

const CASE_BYTES = 32;
const OUTCOME_BYTES = 24;
const COMPILER = "aarch64-linux-gnu-gcc";
const EMULATOR = "qemu-aarch64-static";

/** True where the oracle can run; else the reason has been printed. With CI=true it throws instead. */
export async function requireProcessor(): Promise<boolean> {
  for (
    const [program, name] of [[COMPILER, "gcc-aarch64-linux-gnu"], [EMULATOR, "qemu-user-static"]] as const
  ) {
    try {
      await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).output();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      const missing = `${program} is not installed (Debian package ${name})`;
      if (Deno.env.get("CI") === "true") throw new Error(missing);
      console.error(`skipped: ${missing}`);
      return false;
    }
  }
  return true;
}

/** Runs every case; the instructions are assembler text. */
export async function runOnProcessor(
  instructions: readonly string[],
  cases: readonly Case[],
): Promise<Outcome[]> {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/program.c`, program(instructions));
    const args = ["-O1", "-static", "-march=armv8.6-a+fp16+fp16fml+bf16", "-o", `${directory}/program`];
    await run(COMPILER, [...args, `${directory}/program.c`], new Uint8Array());
    return outcomes(await run(EMULATOR, ["-cpu", "max", `${directory}/program`], encoded(cases)));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function run(command: string, args: string[], input: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const child = new Deno.Command(command, { args, stdin: "piped", stdout: "piped", stderr: "inherit" })
    .spawn();
  const written = new Blob([input]).stream().pipeTo(child.stdin);
  const [{ code, stdout }] = await Promise.all([child.output(), written]);
  if (code !== 0) throw new Error(`${command} ended with status ${code}`);
  return stdout;
}

function encoded(cases: readonly Case[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(cases.length * CASE_BYTES);
  const view = new DataView(bytes.buffer);
  cases.forEach(({ instruction, fpcr, a, b, c }, index) => {
    const at = index * CASE_BYTES;
    view.setUint32(at, instruction, true);
    view.setUint32(at + 4, fpcr, true);
    [a, b, c].forEach((value, place) => view.setBigUint64(at + 8 + 8 * place, value, true));
  });
  return bytes;
}

function outcomes(bytes: Uint8Array): Outcome[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / OUTCOME_BYTES }, (_, index) => {
    const at = index * OUTCOME_BYTES;
    return {
      vector: view.getBigUint64(at, true),
      general: view.getBigUint64(at + 8, true),
      fpsr: view.getUint32(at + 16, true),
      nzcv: view.getUint32(at + 20, true) >>> 28,
    };
  });
}

function program(instructions: readonly string[]): string {
  const functions = instructions.map((text, index) => `EXECUTE(f${index}, "${text}")`).join("\n");
  const names = instructions.map((_, index) => `f${index}`).join(", ");
  return `
#include <stdint.h>
#include <stdio.h>
struct item { uint32_t instruction, fpcr; uint64_t a, b, c; };
struct outcome { uint64_t vector, general; uint32_t fpsr, nzcv; };
#define EXECUTE(name, text) \\
static void name(const struct item *i, struct outcome *o) { \\
  uint64_t v, x, s, n; \\
  __asm__ volatile("msr fpcr, %4\\n msr fpsr, xzr\\n fmov d1, %5\\n fmov d2, %6\\n fmov d0, %7\\n" \\
    "mov x1, %5\\n mov x0, xzr\\n" text "\\n" \\
    "fmov %0, d0\\n mov %1, x0\\n mrs %2, fpsr\\n mrs %3, nzcv\\n msr fpcr, xzr" \\
    : "=&r"(v), "=&r"(x), "=&r"(s), "=&r"(n) : "r"((uint64_t) i->fpcr), "r"(i->a), "r"(i->b), "r"(i->c) \\
    : "x0", "x1", "v0", "v1", "v2", "cc"); \\
  o->vector = v; o->general = x; o->fpsr = s; o->nzcv = n; \\
}
${functions}
static void (*const table[])(const struct item *, struct outcome *) = { ${names} };
int main(void) {
  struct item item; struct outcome outcome;
  while (fread(&item, sizeof item, 1, stdin) == 1) {
    table[item.instruction](&item, &outcome);
    fwrite(&outcome, sizeof outcome, 1, stdout);
  }
  return 0;
}
`;
}
