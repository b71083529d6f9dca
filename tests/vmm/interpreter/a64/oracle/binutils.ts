// GNU objdump as an oracle for decoding: what each word is, and which words are nothing (GNU binutils
// documentation, "objdump"). It knows every extension at once and checks less than a processor does: a word that
// it calls undefined is undefined, but not the other way round.

/** As in "add x0, x1, x2"; what is no instruction is ".inst 0xffffffff ; undefined". In the words' order. */
export async function disassemble(words: Uint32Array<ArrayBuffer>): Promise<string[]> {
  if (words.length === 0) return [];
  const path = await Deno.makeTempFile({ suffix: ".words" });
  try {
    await Deno.writeFile(path, new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
    return await listing(path, words.length);
  } finally {
    await Deno.remove(path);
  }
}

/** That no instruction set extension has this word, as objdump prints it; UDF is one of them. */
export function isUndefined(disassembly: string): boolean {
  return disassembly.startsWith(".inst") || disassembly.startsWith("udf");
}

/** The first word of an instruction as objdump prints it: "add". */
export function mnemonic(disassembly: string): string {
  const end = disassembly.indexOf(" ");
  return end < 0 ? disassembly : disassembly.slice(0, end);
}

async function listing(path: string, count: number): Promise<string[]> {
  const child = new Deno.Command("aarch64-linux-gnu-objdump", {
    args: ["-D", "-z", "--no-show-raw-insn", "-b", "binary", "-m", "aarch64", path],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = child.stderr.text();
  const lines: string[] = [];
  let rest = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) addInstruction(lines, part);
  }
  const { success } = await child.status;
  if (!success || lines.length !== count) {
    throw new Error(`objdump printed ${lines.length} of ${count} instructions: ${await stderr}`);
  }
  await stderr;
  return lines;
}

/** "   0:\tadd\tx0, x1, x2": whatever has no address and tab is a heading. */
function addInstruction(lines: string[], line: string): void {
  const at = line.indexOf(":\t");
  if (at >= 0) lines.push(line.slice(at + 2).replaceAll("\t", " "));
}
