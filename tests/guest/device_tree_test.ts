import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { buildDeviceTree, ref, u64, withChosen } from "../../guest/device_tree.ts";
import { readFlattenedTree } from "../../guest/flattened_tree_reader.ts";
import { GuestImageError } from "../../guest/guest_error.ts";
import { inFolder, run, testWithTools } from "./tools.ts";
import { virtTree } from "./virt_tree.ts";

/** The blob as dtc prints it, and what dtc complained of. */
async function decompile(blob: Uint8Array<ArrayBuffer>): Promise<{ source: string; warnings: string }> {
  const { stdout, stderr } = await run("dtc", ["-I", "dtb", "-O", "dts"], blob);
  return { source: new TextDecoder().decode(stdout), warnings: stderr };
}

async function compile(source: string, ...options: string[]): Promise<Uint8Array<ArrayBuffer>> {
  return (await run("dtc", ["-I", "dts", "-O", "dtb", ...options], new TextEncoder().encode(source))).stdout;
}

/** One property as fdtget reads it: `type` "s" text, "x" cells, "bx" bytes. */
async function fdtget(
  blob: Uint8Array<ArrayBuffer>,
  type: string,
  node: string,
  property: string,
): Promise<string> {
  return await inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/blob.dtb`, blob);
    const { stdout } = await run("fdtget", ["-t", type, `${folder}/blob.dtb`, node, property]);
    return new TextDecoder().decode(stdout).trim();
  });
}

testWithTools(["dtc"], "dtc finds nothing to complain of in a whole machine's tree", async () => {
  for (const [cpus, slots] of [[1, 0], [4, 32]] as const) {
    const { source, warnings } = await decompile(buildDeviceTree(virtTree(cpus, slots)));
    assertEquals(warnings, "");
    assertEquals(source.match(/virtio_mmio@/g)?.length ?? 0, slots);
    assertEquals(source.match(/cpu@/g)?.length, cpus);
  }
});

testWithTools(["dtc"], "a tree that dtc prints and compiles again is the same tree", async () => {
  const blob = buildDeviceTree(virtTree(4, 32));
  const compiled = await compile((await decompile(blob)).source);
  assertEquals(readFlattenedTree(compiled), readFlattenedTree(blob));
});

testWithTools(
  ["dtc", "fdtget"],
  "each kind of property value reads back in libfdt as it was meant",
  async () => {
    const blob = buildDeviceTree({
      empty: true,
      absent: undefined,
      text: "console=ttyAMA0",
      unicode: "größe",
      list: ["arm,pl011", "arm,primecell"],
      cell: 0xffff_ffff,
      cells: [1, ref("clock"), 3],
      reference: ref("gic"),
      wide: u64(0x1_0000_0002, 0xffff_ffff_ffff_ffffn),
      bytes: new Uint8Array([1, 2, 3]),
      "gic: interrupt-controller": {},
      "clock: clock@1": {},
      "unused: nobody": {},
    });
    assertEquals(await fdtget(blob, "bx", "/", "empty"), "");
    assertEquals(await fdtget(blob, "s", "/", "text"), "console=ttyAMA0");
    assertEquals(await fdtget(blob, "s", "/", "unicode"), "größe");
    assertEquals(await fdtget(blob, "s", "/", "list"), "arm,pl011 arm,primecell");
    assertEquals(await fdtget(blob, "x", "/", "cell"), "ffffffff");
    assertEquals(await fdtget(blob, "x", "/", "cells"), "1 2 3");
    assertEquals(await fdtget(blob, "x", "/", "reference"), "1");
    assertEquals(await fdtget(blob, "x", "/interrupt-controller", "phandle"), "1");
    assertEquals(await fdtget(blob, "x", "/clock@1", "phandle"), "2");
    assertEquals(await fdtget(blob, "x", "/", "wide"), "1 2 ffffffff ffffffff");
    assertEquals(await fdtget(blob, "bx", "/", "bytes"), "1 2 3");
    const { source } = await decompile(blob);
    assert(!source.includes("absent"));
    assertStringIncludes(source, "nobody {\n\t};");
  },
);

Deno.test("a description that no blob can hold is our own error", () => {
  assertThrows(() => buildDeviceTree({ clocks: ref("nowhere") }), Error, "nowhere");
  assertThrows(() => buildDeviceTree({ "a: b": {}, "a: c": {} }), Error, "two nodes");
  for (const cell of [-1, 2 ** 32, 0.5, NaN]) assertThrows(() => buildDeviceTree({ cell }), Error, "cell");
});

Deno.test("text with a NUL character is refused", () => {
  const blob = buildDeviceTree({});
  assertThrows(() => withChosen(blob, { bootargs: "a\0b" }), GuestImageError, "leave out its NUL character");
});

const FOREIGN = `/dts-v1/;
/memreserve/ 0x10000000 0x4000;
/memreserve/ 0x80000000 0x1000000000;
/ {
  #address-cells = <2>;
  #size-cells = <2>;
  aliases { serial0 = &uart; };
  chosen { stdout-path = "serial0"; bootargs = "quiet"; linux,initrd-start = <1>; linux,initrd-end = <2>; };
  uart: serial@9000000 { reg = <0 0x9000000 0 0x1000>; blob = [00 01 02]; inner { deeper { }; }; };
};`;

testWithTools(["dtc", "fdtget"], "/chosen is replaced in dtc's blob and everything else kept", async () => {
  for (const options of [["-V", "17"], ["-V", "16"], ["-V", "17", "-p", "4096"], ["-V", "17", "-b", "3"]]) {
    const blob = await compile(FOREIGN, ...options);
    const changed = withChosen(blob, {
      bootargs: "console=ttyAMA0 root=/dev/vda",
      initrd: { start: 0x4400_0000, end: 0x1_0000_1234 },
    });
    assertEquals(await fdtget(changed, "s", "/chosen", "bootargs"), "console=ttyAMA0 root=/dev/vda");
    assertEquals(await fdtget(changed, "x", "/chosen", "linux,initrd-start"), "0 44000000");
    assertEquals(await fdtget(changed, "x", "/chosen", "linux,initrd-end"), "1 1234");
    const expected = FOREIGN.replace('"quiet"', '"console=ttyAMA0 root=/dev/vda"')
      .replace("initrd-start = <1>", "initrd-start = <0 0x44000000>")
      .replace("initrd-end = <2>", "initrd-end = <1 0x1234>");
    assertEquals((await decompile(changed)).source, (await decompile(await compile(expected))).source);
    assertEquals(new DataView(changed.buffer).getUint32(28), options.includes("-b") ? 3 : 0);
  }
});

testWithTools(
  ["dtc"],
  "without an initrd its properties go, without bootargs the tree's own stay",
  async () => {
    const { properties } = readFlattenedTree(withChosen(await compile(FOREIGN), {})).root.children
      .find(({ name }) => name === "chosen") ?? { properties: new Map<string, Uint8Array>() };
    assertEquals([...properties.keys()], ["stdout-path", "bootargs"]);
    assertEquals(new TextDecoder().decode(properties.get("bootargs")), "quiet\0");
  },
);

Deno.test("a tree without /chosen gets one", () => {
  const tree = readFlattenedTree(withChosen(buildDeviceTree({ cpus: {} }), { bootargs: "x" }));
  assertEquals(tree.root.children.map(({ name }) => name), ["cpus", "chosen"]);
});
