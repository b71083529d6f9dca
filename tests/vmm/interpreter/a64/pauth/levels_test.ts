// The levels of FEAT_PAuth that no QEMU of Debian 12 has, and Velum's own algorithm: properties that the
// manual's pseudocode AddPAC and Auth promises of them, not an oracle's answers.

import { assert, assertEquals } from "@std/assert";
import { seededRandom } from "../../../../devices/random.ts";
import {
  addressAuthentication,
  computePac,
  type PacAlgorithm,
  PacLevel,
} from "../../../../../vmm/interpreter/a64/pauth/algorithm.ts";
import { addPac, auth, strip } from "../../../../../vmm/interpreter/a64/pauth/pointer.ts";
import { pointerLayout } from "../../../../../vmm/interpreter/a64/pauth/pointer_layout.ts";

const sizes = { smallTranslationTables: true, largeWith64k: true, largeWithDs: true };
const layout = pointerLayout(16n << 16n | 16n, false, sizes);
const algorithms = Object.keys(computePac) as PacAlgorithm[];
const pointers = [0x40080000n, 0xffff800012345678n];
const key = { high: 0xfedcba9876543210n, low: 0x0123456789abcdefn };

const check = (
  ptr: bigint,
  modifier: bigint,
  isCombined: boolean,
  algorithm: PacAlgorithm,
  level: PacLevel,
) =>
  auth(ptr, modifier, key, { isKeyB: false, isCombined }, layout, { algorithm, level, constPacField: false });

Deno.test("at every level and with every algorithm, checking and stripping undo signing", () => {
  for (const algorithm of algorithms) {
    for (const level of Object.values(PacLevel)) {
      for (const pointer of pointers) {
        const signed = addPac(pointer, 7n, key, layout, { algorithm, level, constPacField: false });
        assert(signed !== pointer);
        assertEquals(check(signed, 7n, true, algorithm, level), pointer);
        assertEquals(strip(signed, layout), pointer);
      }
    }
  }
});

Deno.test("a wrong modifier poisons the pointer, and faults where FEAT_FPAC and FEAT_FPACCOMBINE say", () => {
  for (const algorithm of algorithms) {
    for (const level of Object.values(PacLevel)) {
      const signed = addPac(pointers[0]!, 7n, key, layout, { algorithm, level, constPacField: false });
      const alone = check(signed, 8n, false, algorithm, level);
      const combined = check(signed, 8n, true, algorithm, level);
      assertEquals(alone === "fault", level >= PacLevel.FEAT_FPAC);
      assertEquals(combined === "fault", level >= PacLevel.FEAT_FPACCOMBINE);
      assert(alone !== pointers[0] && combined !== pointers[0]);
      if (level < PacLevel.FEAT_PAuth2) assertEquals(alone, pointers[0]! | 1n << 61n);
    }
  }
});

Deno.test("a pointer with mixed extension bits gets the code zero with FEAT_EPAC", () => {
  const method = { algorithm: "QARMA5", level: PacLevel.FEAT_EPAC, constPacField: false } as const;
  assertEquals(addPac(0x0012000040080000n, 7n, key, layout, method), 0x40080000n);
});

Deno.test("the ID registers choose algorithm and level", () => {
  const expected = { algorithm: "IMPLEMENTATION DEFINED", level: 4, constPacField: false } as const;
  assertEquals(addressAuthentication(4n << 8n, 0n), expected);
  assertEquals(addressAuthentication(0n, 5n << 12n)?.algorithm, "QARMA3");
  assertEquals(addressAuthentication(0n, 0n), undefined);
});

Deno.test("every input bit of Velum's own algorithm flips each code bit about every second time", () => {
  const SAMPLES = 200;
  const CODE_BITS = 48; // 63..16
  const random = seededRandom(40);
  const wide = () => BigInt(random.word()) << 32n | BigInt(random.word());
  const compute = computePac["IMPLEMENTATION DEFINED"];
  for (let input = 0; input < 4 * 64; input++) {
    const flips = new Uint32Array(CODE_BITS);
    for (let sample = 0; sample < SAMPLES; sample++) {
      const values = [wide(), wide(), wide(), wide()] as [bigint, bigint, bigint, bigint];
      const before = compute(...values);
      values[input >> 6]! ^= 1n << BigInt(input & 63);
      let changed = Number((before ^ compute(...values)) >> 16n); // 48 bits, exact in a number
      for (let bit = 0; bit < CODE_BITS; bit++, changed = Math.floor(changed / 2)) flips[bit]! += changed % 2;
    }
    for (const count of flips) {
      assert(count > 0.3 * SAMPLES && count < 0.7 * SAMPLES, `bit ${input}: ${count}`);
    }
  }
});
