// Who may import whom, and that foreign calls stay in one file.

import { assert, assertEquals } from "@std/assert";
import { dirname, fromFileUrl, join, relative } from "@std/path";

const root = fromFileUrl(new URL("..", import.meta.url));

/** Each part of the project, and the parts its files may import beside its own. */
const mayImport: Record<string, readonly string[]> = {
  devices: [],
  guest: [],
  "vmm/kvm": [],
  "vmm/linux": ["vmm/kvm"],
  "vmm/interpreter": ["vmm/kvm"],
  "vmm/machine": ["vmm/kvm", "devices", "guest"],
  "vmm/lab": ["vmm/machine", "vmm/kvm", "guest"],
  "vmm/daemon": ["vmm/lab", "vmm/machine", "vmm/kvm", "guest"],
  "vmm/cli": ["vmm/daemon", "vmm/lab", "vmm/machine", "vmm/kvm", "guest"],
};

/**
 * The one file that chooses a backend, the one by which a Worker has the same, and the one that explains
 * instructions, whose definitions are the interpreter's: only they import backends.
 */
const choosers = ["vmm/machine/backends.ts", "vmm/machine/backend_share.ts", "vmm/cli/explain.ts"];
const foreignCalls = "vmm/linux/libc.ts";

function* sources(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(join(root, folder))) {
    const path = join(folder, name);
    if (isDirectory) yield* sources(path);
    else if (name.endsWith(".ts") && !name.endsWith(".d.ts")) yield path;
  }
}

const partOf = (path: string) => Object.keys(mayImport).find((part) => path.startsWith(part + "/"));

/** The project's files that a file names in its imports, or starts as a Worker. */
function imported(path: string): string[] {
  const text = Deno.readTextFileSync(join(root, path));
  const names = [...text.matchAll(/(?:from|import|import\(|new URL\()\s*"(\.[^"]+\.ts)"/g)].map(([, name]) =>
    name!
  );
  return names.map((name) => relative(root, join(root, dirname(path), name)));
}

const all = ["devices", "guest", "vmm"].flatMap((folder) => [...sources(folder)]);

Deno.test("imports run one way: cli, daemon, lab, machine, then contract, devices and guest; the backends know the contract only", () => {
  assert(all.length > 50);
  const wrong = all.flatMap((path) => {
    const part = partOf(path);
    assert(part, `${path} belongs to no part that has a rule`);
    const allowed = [part, ...mayImport[part]!];
    return imported(path)
      .filter((target) => !allowed.some((other) => target.startsWith(other + "/")))
      .filter((target) => !(choosers.includes(path) && /^vmm\/(linux|interpreter)\//.test(target)))
      .map((target) => `${path} imports ${target}`);
  });
  assertEquals(wrong, []);
});

Deno.test("only one file makes foreign calls", () => {
  const callers = all.filter((path) => /Deno\.(dlopen|Unsafe)/.test(Deno.readTextFileSync(join(root, path))));
  assertEquals(callers, [foreignCalls]);
});
