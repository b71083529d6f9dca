// What counts as a monitor's own memory.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { resident, residentBeyond } from "./resident.ts";

const mapping = (range: string, size: number, rss: number, anonymous: number) =>
  `${range} rw-p 00000000 00:00 0          [heap]
Size:              ${size} kB
KernelPageSize:        4 kB
Rss:                ${rss} kB
Private_Clean:      ${rss - anonymous} kB
Private_Dirty:      ${anonymous} kB
Anonymous:          ${anonymous} kB
VmFlags: rd wr mr mw me ac
`;
const file = mapping("aaaac3c10000-aaaac3c20000", 64, 40, 0);
const ram = mapping("ffff80000000-ffff84000000", 65536, 2048, 2048);
const heap = mapping("ffff84000000-ffff84100000", 1024, 100, 90);

Deno.test("memory beyond the guest's RAM is every mapping but the one of its size", () => {
  assertEquals(residentBeyond(file + ram + heap, 65536), { all: 140, anonymous: 90, own: 140 });
  assertEquals(resident(file + ram + heap), { all: 2188, anonymous: 2138, own: 2188 });
});

Deno.test("RAM that cannot be told from other memory is an error", () => {
  assertThrows(() => residentBeyond(file + heap, 65536), Error, "0 mappings");
  assertThrows(() => residentBeyond(ram + ram, 65536), Error, "2 mappings");
});

Deno.test({
  name: "the mappings of a process add up to what the kernel says is resident",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    // The process may grow or shrink while it is looked at.
    const rollup = () =>
      Number(Deno.readTextFileSync("/proc/self/smaps_rollup").match(/^Rss: +(\d+) kB$/m)![1]);
    const before = rollup();
    const { all } = resident(Deno.readTextFileSync("/proc/self/smaps"));
    const after = rollup();
    const isBetween = all > 0.9 * Math.min(before, after) && all < 1.1 * Math.max(before, after);
    assert(isBetween, `${all} KiB by its mappings, ${before} and then ${after} KiB by smaps_rollup`);
  },
});
