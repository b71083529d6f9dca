// Asks the kernel of the test bed, on a host of one shape, every case of the list.

import { fromFileUrl } from "@std/path";
import { runInBed } from "../kvm-host/bed.ts";
import type { Recording } from "./recordings.ts";

const program = fromFileUrl(new URL("run_list.ts", import.meta.url));
const deno = ["/bin/deno", "run", "--cached-only", "--no-check", "--allow-all"];

/** One boot. `seconds` is the list's own time in the bed. Throws BedError, or Error if the list failed. */
export async function askKernel(shape: string): Promise<Recording & { readonly seconds: number }> {
  const [result] = await runInBed(shape, [{ argv: [...deno, program] }]);
  const { status, stdout, stderr, seconds } = result!;
  if (status !== 0) throw new Error(`the list ended with status ${status} on the host ${shape}:\n${stderr}`);
  return { ...JSON.parse(stdout), seconds };
}
