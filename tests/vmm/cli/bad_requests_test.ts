// Every bad request gets one sentence that names what was wrong and what would be right, and exit status 2.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { requireBed, runInBed } from "../../kvm-host/bed.ts";
import { type BadRequest, badRequests, badRequestsOnKvm, type Refused } from "./bad_requests.ts";

const script = new URL("bad_requests.ts", import.meta.url).pathname;

async function checkAll(t: Deno.TestContext, requests: readonly BadRequest[], refused: readonly Refused[]) {
  for (const { args, says } of requests) {
    await t.step(args.join(" "), () => {
      const answer = refused.find((one) => one.args.join() === args.join());
      assert(answer, "it was not tried");
      assertEquals([answer.status, answer.stderr.length], [2, 1], answer.stderr.join("\n"));
      assert(answer.stderr[0]!.startsWith("velum: "));
      for (const words of says) assertStringIncludes(answer.stderr[0]!, words);
    });
  }
}

Deno.test("a bad request is refused in one sentence, with status 2, whatever the machine", async (t) => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--allow-write", "--allow-ffi", script],
  }).output();
  assert(stdout.length > 0, new TextDecoder().decode(stderr));
  await checkAll(t, badRequests, JSON.parse(new TextDecoder().decode(stdout)));
});

const ignore = !await requireBed();

Deno.test(
  "a request that this host cannot meet is refused in one sentence, with status 2",
  { ignore },
  async (t) => {
    const [result] = await runInBed("max", [{ argv: ["/bin/deno", "run", "-A", script, "kvm"] }]);
    assertEquals(result?.status, 0, result?.stderr);
    await checkAll(t, badRequestsOnKvm, JSON.parse(result!.stdout));
  },
);
