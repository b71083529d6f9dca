import { runInBed } from "../kvm-host/bed.ts";
import { file } from "../kvm-host/newc.ts";
const r = await runInBed("max", [{
  argv: [
    "/bin/deno",
    "run",
    "-A",
    "--cached-only",
    "--no-check",
    "/work/main/tests/bench/" + (Deno.args[0] ?? "proto.ts"),
    ...Deno.args.slice(1),
  ],
  timeoutSeconds: 400,
}], [file("/tmp/mmio_loop", Deno.readFileSync("/tmp/mmio_loop"), 0o755)]);
console.log(r[0]!.stdout, r[0]!.stderr, r[0]!.status, r[0]!.seconds);
