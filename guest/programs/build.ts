// Assembles and links the tiny guests with GNU binutils for aarch64 from PATH. The output depends on the
// sources alone: the same binutils give the same bytes anywhere.
//
//   deno run --allow-read --allow-write --allow-run guest/programs/build.ts

import { basename, fromFileUrl, join } from "@std/path";
import { programs } from "../programs.ts";

const sourceDirectory = fromFileUrl(new URL(".", import.meta.url));
const toolPrefix = "aarch64-linux-gnu-";

async function runTool(tool: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(toolPrefix + tool, { args }).output();
  if (!success) throw new Error(`${toolPrefix}${tool} failed: ${new TextDecoder().decode(stderr)}`);
}

async function assemble(source: string, object: string): Promise<string> {
  const includeDirectory = join(sourceDirectory, "lib");
  await runTool("as", "-march=armv8.5-a+sve", "-I", includeDirectory, "-o", object, source);
  return object;
}

async function assembleLibrary(objectDirectory: string): Promise<string[]> {
  const libraryDirectory = join(sourceDirectory, "lib");
  const sources = [...Deno.readDirSync(libraryDirectory)].map((entry) => entry.name)
    .filter((name) => name.endsWith(".S")).sort();
  return await Promise.all(
    sources.map((name) =>
      assemble(join(libraryDirectory, name), join(objectDirectory, `lib_${basename(name, ".S")}.o`))
    ),
  );
}

/** Builds every program into NAME.bin in outputDirectory, an existing folder. Throws when a tool fails. */
export async function buildPrograms(outputDirectory: string): Promise<void> {
  const objectDirectory = await Deno.makeTempDir({ prefix: "velum-programs-" });
  try {
    const library = await assembleLibrary(objectDirectory);
    await Promise.all(programs.map(async ({ name }) => {
      const object = await assemble(join(sourceDirectory, `${name}.S`), join(objectDirectory, `${name}.o`));
      const elf = join(objectDirectory, `${name}.elf`);
      const script = join(sourceDirectory, "program.ld");
      // --gc-sections: of the library only what the program reaches from _start gets in.
      const options = ["--gc-sections", "--fatal-warnings", "--no-warn-rwx-segments", "-T", script];
      await runTool("ld", ...options, "-o", elf, object, ...library);
      const binary = join(outputDirectory, `${name}.bin`);
      await runTool("objcopy", "-O", "binary", elf, binary);
      await Deno.chmod(binary, 0o644); // objcopy hands on the mode of an executable
    }));
  } finally {
    await Deno.remove(objectDirectory, { recursive: true });
  }
}

if (import.meta.main) await buildPrograms(sourceDirectory);
