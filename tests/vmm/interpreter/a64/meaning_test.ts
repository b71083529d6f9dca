import { assertEquals, assertStringIncludes } from "@std/assert";
import { instructions } from "../../../../vmm/interpreter/a64/instructions/all.ts";
import { meaningOf } from "../../../../vmm/interpreter/a64/meaning.ts";

Deno.test("every instruction has a sentence that says what it does, and none has a gap in it", () => {
  const names = new Set(instructions.map(({ name }) => name));
  const hasGap = (text: string) =>
    !/^[A-Z].*\.$/.test(text) || / {2}| [,.:]|undefined\b(?!,| without)/.test(text);
  assertEquals([...names].filter((name) => hasGap(meaningOf(name) ?? "")), []);
});

Deno.test("a sentence follows the parts of its mnemonic", () => {
  assertEquals(
    ["SMSUBL", "LDRSB Wt (post-indexed)", "UQRSHRN", "CSINC", "LDUMAX", "UDIV (vectors, predicated)"].map(
      meaningOf,
    ),
    [
      "Rd is Ra minus the signed 64-bit product of two 32-bit registers.",
      "Loads a byte, sign-extended, from memory. The base register moves on afterwards.",
      "Shifts each lane to the right and keeps its lower half: saturating rounding unsigned.",
      "Rd is Rn if the condition holds, else Rm + 1.",
      "Loads from memory and stores back, atomically, the unsigned maximum with a register.",
      "Divides, unsigned, rounding towards zero; by zero gives zero. Only the active lanes take part.",
    ],
  );
  assertStringIncludes(meaningOf("ADDS (immediate)")!, "flags");
  assertEquals(meaningOf("XYZZY"), undefined);
});
