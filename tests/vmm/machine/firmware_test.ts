// Firmware that starts a guest from flash: Debian's U-Boot to its prompt, in the interpreter and on real KVM.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { readFlattenedTree } from "../../../guest/flattened_tree_reader.ts";
import { writeFlattenedTree } from "../../../guest/flattened_tree_writer.ts";
import { machineTree } from "../../../vmm/machine/machine_tree.ts";
import { requireBed, runInBed } from "../../kvm-host/bed.ts";
import { checkUBoot, requireUBoot, type, uBoot, uBootRun } from "./u_boot.ts";

const main = new URL("../../../main.ts", import.meta.url).pathname;
/**
 * A machine's tree with the second bank of its flash alone. The bed's kernel takes some 10 ms to give or take
 * memory, and U-Boot, which asks each block of a bank whether it is locked, goes to and fro a thousand times for
 * both.
 */
function treeWithOneBank(): Uint8Array {
  const tree = readFlattenedTree(machineTree({
    memorySize: 512 * 2 ** 20,
    gic: "v3",
    mpidrs: [0n],
    hasPmu: false,
    virtioSlots: 2,
    hasFlash: true,
    commandLine: "",
  }));
  const { properties } = tree.root.children.find(({ name }) => name.startsWith("flash@"))!;
  const reg = properties.get("reg")!;
  properties.set("reg", reg.subarray(reg.length / 2));
  return writeFlattenedTree(tree);
}

const hasUBoot = requireUBoot();

async function velum(permissions: string[], args: string[], stdin: string) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", ...permissions, main, ...args, "--backend", "interpreter"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  return { code, said: new TextDecoder().decode(stdout), told: new TextDecoder().decode(stderr) };
}

Deno.test("U-Boot answers what is typed, in the interpreter, and what it programs is in the file", {
  ignore: !hasUBoot,
}, async () => {
  const folder = Deno.makeTempDirSync();
  const { args, stdin, variables } = uBootRun(folder);
  const { code, said, told } = await velum(["--allow-read", `--allow-write=${variables}`], args, stdin);
  checkUBoot(said, code, Deno.readFileSync(variables));
  assertEquals(told, "");
  Deno.removeSync(folder, { recursive: true });
});

Deno.test(
  "what U-Boot programs, on two vcpus, in a bank that is not kept is there while it runs, and nothing is written",
  {
    ignore: !hasUBoot,
  },
  async () => {
    const typed = type(
      "mw.b 41000000 5a 40",
      "erase 4040000 407ffff",
      "cp.b 41000000 4040000 40",
      "md.b 4040000 4",
      "poweroff",
    );
    const { code, said } = await velum(["--allow-read"], ["run", "--bios", uBoot, "--cpus", "2"], typed);
    assertEquals(code, 0, said);
    assertStringIncludes(said, "Flash: 64 MiB");
    assertStringIncludes(said, "04040000: 5a 5a 5a 5a");
  },
);

Deno.test("U-Boot answers what is typed, on KVM, and what it programs is in the file", {
  ignore: !hasUBoot || !await requireBed(),
}, async () => {
  const folder = Deno.makeTempDirSync();
  const tree = join(folder, "tree.dtb");
  Deno.writeFileSync(tree, treeWithOneBank());
  const { args, stdin, variables } = uBootRun(folder, "--dtb", tree);
  const [result] = await runInBed("max", [{ argv: args, stdin }]);
  checkUBoot(result!.stdout, result!.status, Deno.readFileSync(variables));
  Deno.removeSync(folder, { recursive: true });
});
