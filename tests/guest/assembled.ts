// Guests that GNU binutils assemble and link for a test: ELF images whose code is at 0x4008_0000.

import { inFolder, run, type Tool } from "./tools.ts";

/** What `link` needs. */
export const linkTools: readonly Tool[] = ["aarch64-linux-gnu-as", "aarch64-linux-gnu-ld"];

export const link = (source: string): Promise<Uint8Array<ArrayBuffer>> =>
  inFolder(async (folder) => {
    const [object, image] = [`${folder}/guest.o`, `${folder}/guest.elf`];
    const assembly = new TextEncoder().encode(source);
    await run("aarch64-linux-gnu-as", ["-march=armv8.5-a+sve", "-o", object, "-"], assembly);
    await run("aarch64-linux-gnu-ld", ["-Ttext=0x40080000", "-o", image, object]);
    return await Deno.readFile(image);
  });
