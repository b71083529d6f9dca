// Asks this machine's /dev/kvm every case and prints what it said as one JSON document. With `--trace` each
// case's name and its milliseconds go to stderr.

import { linuxBackend } from "../../vmm/linux/backend.ts";
import { openLibc } from "../../vmm/linux/libc.ts";
import { runList } from "./list.ts";

let since = performance.now();
const trace = (name: string) => {
  const now = performance.now();
  console.error(`${(now - since).toFixed(1).padStart(8)} ms until: ${name}`);
  since = now;
};
const { eventfd } = openLibc();
const answers = runList(linuxBackend(), eventfd, {
  before: Deno.args.includes("--trace") ? trace : undefined,
});
console.log(JSON.stringify({ kernel: Deno.osRelease(), ...answers }));
