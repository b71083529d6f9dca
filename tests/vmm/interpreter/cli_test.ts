// The command line with the interpreter behind it: no permission but reading is asked for.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";

const program = fromFileUrl(new URL("../../../main.ts", import.meta.url));

async function velum(...args: string[]) {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--cached-only", "--allow-read", program, ...args],
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("a negotiation on a pretended host needs no FFI and shows each step", async () => {
  const said = await velum("negotiate", "--backend", "interpreter", "--host", "a64fx", "--sve", "128,256");
  assertEquals([said.code, said.stderr], [0, ""]);
  assertStringIncludes(said.stdout, "Offered  SVE {128, 256, 512} bits; pointer authentication no; PMU yes");
  assertStringIncludes(
    said.stdout,
    "KVM_SET_ONE_REG(register KVM_REG_ARM64_SVE_VLS, value {128, 256} bits) = 0",
  );
});

Deno.test("where there is no KVM to ask, the interpreter answers and says so on stderr, in one line", async () => {
  const said = await velum("probe", "--json");
  assertEquals(said.code, 0);
  assertEquals(JSON.parse(said.stdout).backend, "interpreter");
  assertMatch(said.stderr, /^velum: the interpreter takes its place, as the host "max": .*--allow-ffi.*\n$/);
});

Deno.test("a tiny guest runs in the interpreter with no permission but reading", async () => {
  const said = await velum("run", "--backend", "interpreter", "hello");
  assertEquals(said, { code: 0, stdout: "hello from EL1\n", stderr: "" });
});

Deno.test("a guest that comes to vector registers runs on, and its transcript shows no interruption", async () => {
  const said = await velum("run", "--backend", "interpreter", "--transcript", "vectors");
  assertEquals(said.code, 0);
  assertStringIncludes(said.stdout, "sve 2048 sum of squares: ok");
  assertMatch(said.stderr, /KVM_RUN\(\) = 0 -> exit KVM_EXIT_MMIO/);
  assert(!said.stderr.includes("EINTR"), said.stderr.match(/.*EINTR.*/)?.[0]);
});

Deno.test("a host is for the interpreter alone, and one that is not there is refused", async () => {
  const [alone, unknown] = await Promise.all([
    velum("probe", "--host", "a64fx"),
    velum("probe", "--backend", "interpreter", "--host", "cray-1"),
  ]);
  assertEquals([alone.code, unknown.code], [2, 2]);
  assertStringIncludes(alone.stderr, "--backend interpreter");
  assertStringIncludes(unknown.stderr, 'there is no host "cray-1"');
  assert(unknown.stderr.includes("neoverse-v1"));
});
