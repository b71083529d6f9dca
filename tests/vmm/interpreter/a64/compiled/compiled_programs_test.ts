// Programs that gcc made SVE instructions of, in the interpreter and under QEMU's user mode, at several vector
// lengths: they must write the same, byte for byte.

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { runUserProgram } from "./user_program.ts";

const source = fromFileUrl(new URL("programs.c", import.meta.url));
const vectorLengths = [128, 256, 384, 512, 1024, 2048];
const flags = [
  ..."-static -nostdlib -ffreestanding -O3 -ffast-math -fno-math-errno -Wall -Wextra -Werror".split(" "),
  "-Wl,-Ttext-segment=0x400000",
];

async function output(command: string, args: readonly string[]): Promise<Uint8Array> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
  return stdout;
}

const underQemu = (program: string, vectorLength: number) =>
  output("qemu-aarch64-static", [
    "-cpu",
    `max,sve-max-vq=${vectorLength / 128},sve-default-vector-length=${vectorLength / 8}`,
    program,
  ]);

const partNames =
  /(?=bits|gemm|spmv|strn|uppr|sort|hash|wide|fft[ri]|cmul|blur|edge|root|dotp|mean|mulh|mixd|half|conv|cros|page)/;
const partCount = 22;

/** What each part wrote, after the name that it wrote first, so that a difference is told by name. */
const parts = (written: Uint8Array) => new TextDecoder("latin1").decode(written).split(partNames);

for (const march of ["armv8.5-a+sve", "armv8.5-a+sve2"]) {
  oracleTest(
    `programs compiled for ${march} compute at each vector length what they do under QEMU`,
    async () => {
      const folder = await Deno.makeTempDir();
      try {
        const program = join(folder, "programs");
        await output("aarch64-linux-gnu-gcc", [...flags, `-march=${march}`, "-o", program, source]);
        const file = await Deno.readFile(program);
        for (const vectorLength of vectorLengths) {
          const expected = parts(await underQemu(program, vectorLength));
          assert(expected.length >= partCount, `under QEMU only ${expected.length} parts were written`);
          assertEquals(parts(runUserProgram(file, vectorLength)), expected, `${vectorLength} bits`);
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}
