import { assert, assertEquals } from "@std/assert";
import type { Device } from "../../../devices/device.ts";
import type { TreeNode } from "../../../guest/flattened_tree.ts";
import { readFlattenedTree } from "../../../guest/flattened_tree_reader.ts";
import { gic, mostDrives, mostVcpus } from "../../../vmm/machine/board.ts";
import { machineTree, type TreeContents } from "../../../vmm/machine/machine_tree.ts";
import { inFolder, run, testWithTools } from "../../guest/tools.ts";
import { createTestDevices } from "./test_devices.ts";

/** As KVM numbers its vcpus: sixteen to a cluster. */
const mpidrsOf = (vcpus: number) => Array.from({ length: vcpus }, (_, n) => BigInt(n >> 4 << 8 | n & 15));

const plain: TreeContents = {
  memorySize: 512 * 2 ** 20,
  gic: "v3",
  mpidrs: mpidrsOf(1),
  hasPmu: true,
  virtioSlots: 1,
  hasFlash: false,
  commandLine: "console=ttyAMA0",
};

const variants: Readonly<Record<string, Partial<TreeContents>>> = {
  "one vcpu": {},
  "8 vcpus": { mpidrs: mpidrsOf(8) },
  "every vcpu there is room for": { mpidrs: mpidrsOf(mostVcpus("v3")) },
  "GICv2": { gic: "v2", mpidrs: mpidrsOf(8) },
  "no PMU": { hasPmu: false },
  "flash": { hasFlash: true },
  "no virtio": { virtioSlots: 0 },
  "every virtio slot": { virtioSlots: mostDrives + 1 },
  "an initrd and no command line": { commandLine: "", initrd: { start: 0x4800_0000, end: 0x4812_3456 } },
  "more than 4 GiB of memory": { memorySize: 6 * 2 ** 30 },
};

for (const [what, contents] of Object.entries(variants)) {
  testWithTools(["dtc"], `dtc finds nothing to complain of in the machine's tree: ${what}`, async () => {
    const blob = machineTree({ ...plain, ...contents });
    const { stdout, stderr } = await run("dtc", ["-I", "dtb", "-O", "dts"], blob);
    const source = new TextDecoder().decode(stdout);
    assertEquals(stderr, "");
    assertEquals(source.match(/cpu@/g)?.length, (contents.mpidrs ?? plain.mpidrs).length);
    assertEquals(source.match(/virtio_mmio@/g)?.length ?? 0, contents.virtioSlots ?? plain.virtioSlots);
    assertEquals(source.includes("arm,armv8-pmuv3"), contents.hasPmu ?? plain.hasPmu);
    assertEquals(source.includes("arm,gic-v3"), contents.gic !== "v2");
  });
}

testWithTools(
  ["fdtget"],
  "libfdt finds memory, initrd and command line where they are said to be",
  async () => {
    const initrd = { start: 0x4800_0000, end: 0x4812_3456 };
    const blob = machineTree({ ...plain, memorySize: 6 * 2 ** 30, initrd });
    await inFolder(async (folder) => {
      Deno.writeFileSync(`${folder}/blob.dtb`, blob);
      const get = async (...args: string[]) => {
        const [type, node, property] = args as [string, string, string];
        const { stdout } = await run("fdtget", ["-t", type, `${folder}/blob.dtb`, node, property]);
        return new TextDecoder().decode(stdout).trim();
      };
      assertEquals(await get("x", "/memory@40000000", "reg"), "0 40000000 1 80000000");
      assertEquals(await get("x", "/chosen", "linux,initrd-start"), "0 48000000");
      assertEquals(await get("x", "/chosen", "linux,initrd-end"), "0 48123456");
      assertEquals(await get("s", "/chosen", "bootargs"), "console=ttyAMA0");
      assertEquals(await get("s", "/chosen", "stdout-path"), "/pl011@9000000");
    });
  },
);

interface Range {
  readonly base: number;
  readonly size: number;
}

const cellsOf = (node: TreeNode, property: string): number[] => {
  const value = node.properties.get(property) ?? new Uint8Array();
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  return Array.from({ length: value.length / 4 }, (_, n) => view.getUint32(4 * n));
};

/** A node's reg, of two cells each for address and size. */
function rangesOf(node: TreeNode): Range[] {
  const cells = cellsOf(node, "reg");
  const pairs = Array.from(
    { length: cells.length / 2 },
    (_, n) => cells[2 * n]! * 2 ** 32 + cells[2 * n + 1]!,
  );
  return pairs.flatMap((base, n) => n % 2 ? [] : [{ base, size: pairs[n + 1]! }]);
}

const nodesOf = (contents: Partial<TreeContents> = {}) =>
  readFlattenedTree(machineTree({ ...plain, ...contents })).root.children;
const isDevice = ({ name }: TreeNode) => name.includes("@") && !/^(memory|interrupt-controller)@/.test(name);
const byBase = (a: Range, b: Range) => a.base - b.base;

/** A virtio-mmio slot whose DeviceID is 0: it answers, but the tree does not name it. */
const isEmptySlot = (device: Device) => device.name === "virtio-mmio" && device.read(0x008, 4) === 0;

/** The windows of a bus with this many drives, as the device isolate builds it. */
async function busWindows(count: number): Promise<Range[]> {
  return await inFolder((folder) => {
    const path = `${folder}/disk`;
    Deno.writeFileSync(path, new Uint8Array(512));
    const drives = Array.from({ length: count }, () => ({ path, readOnly: true }));
    const { devices } = createTestDevices({ drives });
    devices.close();
    const occupied = devices.bus.windows.filter(({ device }) => !isEmptySlot(device));
    return Promise.resolve(occupied.map(({ base, device }) => ({ base, size: device.size })));
  });
}

for (const drives of [0, 2, mostDrives]) {
  Deno.test(`the tree's devices are the bus's windows, but for empty virtio slots: ${drives} drives`, async () => {
    const inTree = nodesOf({ virtioSlots: drives + 1 }).filter(isDevice).flatMap(rangesOf).sort(byBase);
    assertEquals(inTree, await busWindows(drives));
  });
}

Deno.test("a node's unit address is the address of its registers", () => {
  for (const node of nodesOf({ virtioSlots: 32 }).filter(({ name }) => name.includes("@"))) {
    assertEquals(node.name.split("@")[1], rangesOf(node)[0]?.base.toString(16));
  }
});

Deno.test("each device has an interrupt of its own, and the distributor has room for it", () => {
  const spis = nodesOf({ virtioSlots: 32 }).filter(isDevice).map((node) => cellsOf(node, "interrupts"))
    .filter(({ length }) => length > 0);
  const numbers = spis.map(([, number]) => number!);
  assertEquals(new Set(numbers).size, numbers.length);
  for (const [kind, number, flags] of spis) {
    assertEquals([kind, flags], [0, 4]);
    assert(number! + 32 < gic.interrupts);
  }
});

for (const version of ["v2", "v3"] as const) {
  Deno.test(`GIC${version}'s frames overlap neither each other nor a device`, () => {
    const all = nodesOf({ gic: version, virtioSlots: 32 }).filter(({ name }) => name.includes("@"))
      .flatMap(rangesOf).sort(byBase);
    all.slice(1).forEach(({ base }, n) => assert(all[n]!.base + all[n]!.size <= base, base.toString(16)));
  });
}
