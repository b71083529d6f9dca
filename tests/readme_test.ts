// What the README shows works: its script runs, its tables name what there is.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { programs } from "../guest/programs.ts";
import { requireBed, runInBed } from "./kvm-host/bed.ts";
import { hostShape } from "./kvm-host/host_shapes.ts";
import { file } from "./kvm-host/newc.ts";

const checkout = fromFileUrl(new URL("..", import.meta.url));
const readme = Deno.readTextFileSync(join(checkout, "README.md"));

Deno.test("the README's script runs on real KVM", { ignore: !await requireBed() }, async () => {
  const script = readme.match(/```ts\n([\s\S]*?)```/)?.[1];
  assert(script, "the README has no script");
  const path = join(checkout, "experiment.ts");
  const argv = ["/bin/deno", "run", "--allow-ffi", path];
  const [result] = await runInBed("vq4", [{ argv }], [file(path, script)]);
  assertEquals(result?.status, 0, result?.stderr);
  const [auto, max, exact] = result!.stdout.trim().split("\n");
  assertMatch(auto!, new RegExp(`^auto: ${hostShape("vq4").sveLengths.length} lengths, \\d+ registers$`));
  assertMatch(max!, /^max=512: 4 lengths/);
  assertStringIncludes(exact!, "128,512: vector length 256 offends");
});

Deno.test("the README lists every tiny guest as velum guests does", () => {
  for (const { name, description } of programs) {
    assert(readme.includes(`${name.padEnd(10)}${description}`), `${name} is missing or described otherwise`);
  }
});

Deno.test("the README names every task it should, and no task that is not there", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(checkout, "deno.json"))) as {
    tasks: Record<string, string>;
  };
  const named = [...readme.matchAll(/(?:deno|deno@[\d.]+) task (\S+)/g)].map(([, name]) =>
    name!.replace(/`.*/, "")
  );
  assertEquals([...new Set(named)].filter((name) => !(name in tasks)), []);
  for (const name of ["boot", "test", "bench", "kvm-host", "ok"]) assert(named.includes(name), name);
});
