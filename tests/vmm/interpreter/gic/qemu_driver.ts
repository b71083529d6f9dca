// Straight code for QEMU's machine that tells words on its console, and random numbers to make it with.

import { HVC, set, store } from "../../../conformance/guest_code.ts";

/** To be in X28 where code tells. */
export const UART = 0x0900_0000n;
const entry = 0x4020_0000;
const SYSTEM_OFF = 0x8400_0008n;

/** mulberry32. */
export function generator(seed: number): (below: number) => number {
  return (below) => {
    seed = seed + 0x6d2b_79f5 | 0;
    let mixed = Math.imul(seed ^ seed >>> 15, 1 | seed);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) % below;
  };
}

const shiftRight8 = (rd: number) => (0xd348_fc00 | rd << 5 | rd) >>> 0;
/** Writes X1's four lower bytes to the console. */
export const tellCode = [0, 1, 2, 3].flatMap(() => [store(1, 1, 28), shiftRight8(1)]);

/** The words that the code, which runs at EL1 with no MMU, told. */
export async function runInQemu(code: readonly number[], gicVersion: 2 | 3, cpus = 1): Promise<number[]> {
  const folder = await Deno.makeTempDir();
  try {
    const image = `${folder}/code.bin`;
    await Deno.writeFile(
      image,
      new Uint8Array(new Uint32Array([...code, ...set(0, SYSTEM_OFF), HVC]).buffer),
    );
    const { stdout } = await new Deno.Command("qemu-system-aarch64", {
      args: [
        "-smp",
        `${cpus}`,
        "-M",
        `virt,gic-version=${gicVersion}`,
        "-cpu",
        "max",
        "-display",
        "none",
        "-nic",
        "none",
        "-monitor",
        "none",
      ]
        .concat("-serial", "stdio", "-device", `loader,file=${image},addr=${entry},cpu-num=0,force-raw=on`),
      stdin: "null",
    }).output();
    return [...new Uint32Array(stdout.buffer.slice(0, stdout.length & ~3))];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
