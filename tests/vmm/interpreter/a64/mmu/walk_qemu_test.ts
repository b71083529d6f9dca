// Walks of random translation tables against QEMU: what accesses and AT find there, and what becomes of the
// descriptors.

import { assert, assertEquals } from "@std/assert";
import { seededRandom } from "../../../../devices/random.ts";
import { qemuTest } from "../../../../devices/qtest.ts";
import { caseCount } from "../oracle/case_count.ts";
import { outcomesIn, tellingsOf } from "../system_program.ts";
import { type WalkAccess, type WalkCase, walkCase } from "./walk_cases.ts";
import { window } from "./walk_tables.ts";
import { goesOnInQemu, isKnown } from "./walk_differences.ts";
import { homeTcr, type Row, walkProgram } from "./walk_program.ts";

/** Tables for each of what VELUM_CASES counts, and as many as a program has. */
const tablesPerCase = 8, batch = 400, everyday = 50;

interface Told {
  readonly of: WalkCase;
  /** None where it is the last descriptor. */
  readonly access?: WalkAccess;
}

function rowsOf(one: WalkCase): { rows: Row[]; told: Told[] } {
  const { isUpper, descriptors, translations } = one;
  const accesses = goesOnInQemu(one) ? [] : one.accesses;
  const home = isUpper ? homeTcr.low : homeTcr.high;
  const done = (list: readonly WalkAccess[]): Row[] => [
    ...list.map(({ kind, address, spsr }) => ({ order: kind, a: address, b: spsr })),
    { order: "peek", a: descriptors.at(-1)!.physical },
  ];
  return {
    rows: [
      ...descriptors.map(({ physical, value }): Row => ({ order: "poke", a: physical, b: value })),
      { order: isUpper ? "ttbr1" : "ttbr0", a: one.ttbr },
      { order: "mair", a: one.mair },
      { order: "regime", a: one.sctlr, b: one.tcr | home },
      ...done(accesses),
      ...done(translations),
      ...descriptors.map(({ physical }): Row => ({ order: "poke", a: physical })),
    ],
    told: [...accesses, undefined, ...translations, undefined].map((access) => ({
      of: one,
      ...access && { access },
    })),
  };
}

const hex = (value: unknown): string =>
  JSON.stringify(value, (_, one) => typeof one === "bigint" ? one.toString(16) : one);

for (const isUpper of [false, true]) {
  const half = isUpper ? "upper" : "lower";
  qemuTest(`tables of the ${half} half translate as in QEMU, and fault as there`, async () => {
    const random = seededRandom(isUpper ? 81 : 80);
    const different: string[] = [];
    for (let left = caseCount(everyday) * tablesPerCase / 2; left > 0; left -= batch) {
      const cases = Array.from({ length: Math.min(left, batch) }, () => walkCase(random, isUpper));
      const lists = cases.map(rowsOf);
      const told = lists.flatMap((list) => list.told);
      const program = walkProgram(lists.flatMap(({ rows }) => rows), !isUpper, window.base, window.pages);
      const tellings = await tellingsOf(program);
      const [theirs, ours] = [outcomesIn(tellings.qemu), outcomesIn(tellings.interpreter)];
      assertEquals([theirs.length, ours.length], [told.length, told.length]);
      told.forEach(({ of, access }, n) => {
        if (hex(theirs[n]) === hex(ours[n])) return;
        if (isKnown({ of, access, theirs: theirs[n]!, ours: ours[n]! })) return;
        different.push(
          `${hex(access ?? "descriptor")} qemu ${hex(theirs[n])} ours ${hex(ours[n])} ${hex(of)}`,
        );
      });
      const classes = new Set(theirs.map(([first]) => Number(BigInt.asUintN(32, first!) >> 26n)));
      for (const ec of [0x15, 0x20, 0x21, 0x24, 0x25]) assert(classes.has(ec), `no class ${ec}`);
    }
    assertEquals(different.slice(0, 20), [], `${different.length} of them`);
  });
}
