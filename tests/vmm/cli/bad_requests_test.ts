// Every bad request gets one sentence that names what was wrong and what would be right, and exit status 2.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { requireBed, runInBed } from "../../kvm-host/bed.ts";
import { type BadRequest, badRequests, badRequestsOnKvm, type Refused } from "./bad_requests.ts";

const script = new URL("bad_requests.ts", import.meta.url).pathname;
const main = new URL("../../../main.ts", import.meta.url).pathname;

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
    args: ["run", "--allow-read", "--allow-write", "--allow-ffi", "--allow-net", script],
  }).output();
  assert(stdout.length > 0, new TextDecoder().decode(stderr));
  await checkAll(t, badRequests, JSON.parse(new TextDecoder().decode(stdout)));
});

Deno.test("a permission that Deno was not given is named in one sentence, with status 2", async (t) => {
  for (const [given, missing] of [["--allow-read", "ffi"], ["--allow-ffi", "read"]] as const) {
    await t.step(`${missing} access`, async () => {
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-prompt", given, main, "run", "--backend", "kvm", "hello"],
        env: { NO_COLOR: "1" },
      }).output();
      const said = new TextDecoder().decode(stderr).trimEnd();
      assertEquals([code, said.split("\n").length], [2, 1], said);
      assertStringIncludes(said, `velum: Requires ${missing} access`);
      assertStringIncludes(said, `--allow-${missing}`);
    });
  }
});

const velum =
  `deno run --cached-only --no-check --allow-ffi --allow-read --allow-write ${main} run --backend kvm hello`;

/** In the bed's shell: Velum where there is no /dev/kvm, and for a user that may not open it. */
const withoutKvm = `mv /dev/kvm /dev/away; ${velum}`;
const withoutPermission = `mv /dev/away /dev/kvm; chmod 600 /dev/kvm; chmod -R a+rwX $DENO_DIR; mkdir -p /etc
echo 'nobody:x:65534:65534::/:/bin/sh' > /etc/passwd; su nobody -s /bin/sh -c "${velum}"`;

Deno.test("what this host cannot give is refused in one sentence, with status 2", {
  ignore: !await requireBed(),
}, async (t) => {
  const [result, missing, forbidden] = await runInBed("max", [
    { argv: ["/bin/deno", "run", "-A", script, "kvm"] },
    { argv: ["sh", "-c", withoutKvm] },
    { argv: ["sh", "-c", withoutPermission] },
  ]);
  assertEquals(result?.status, 0, result?.stderr);
  await checkAll(t, badRequestsOnKvm, JSON.parse(result!.stdout));
  await t.step("a host without /dev/kvm", () => {
    assertEquals([missing?.status, missing?.stdout], [2, ""]);
    assertStringIncludes(missing!.stderr, "velum: there is no /dev/kvm here");
  });
  await t.step("a user that may not open it", () => {
    assertEquals([forbidden?.status, forbidden?.stdout], [2, ""]);
    assertStringIncludes(forbidden!.stderr, "velum: /dev/kvm may not be opened by this user");
  });
});
