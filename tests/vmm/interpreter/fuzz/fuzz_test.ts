// Guests of random code. VELUM_FUZZ=FIRST,COUNT tries other seeds, and as many.

import { assert, assertEquals } from "@std/assert";
import { exceptionHistory } from "../../../../vmm/interpreter/a64/exception_history.ts";
import { syndrome } from "../../../../vmm/kvm/syndrome.ts";
import { fuzzedMachine } from "./fuzzed_machine.ts";
import { runRandomGuest } from "./random_guests.ts";

const [first = 0, count = 40] = (Deno.env.get("VELUM_FUZZ") ?? "").split(",").filter(Boolean).map(Number);

Deno.test("whatever a guest executes, the monitor does not throw, hang, or touch what is not the guest's", async () => {
  const machine = await fuzzedMachine("max");
  const classes = new Set<number>();
  let exits = 0, instructions = 0;
  for (let seed = first; seed < first + count; seed++) {
    const ran = runRandomGuest(machine, seed);
    exits += ran.exits;
    instructions += ran.instructions;
    for (const { esr } of exceptionHistory(machine.cpu)) classes.add(syndrome(esr).class);
  }
  // Random code that did nothing would prove nothing.
  assert(instructions > 500 * count && exits > count / 10);
  const expected = [0x00, 0x20, 0x21, 0x24, 0x25];
  assertEquals(expected.filter((each) => !classes.has(each)), []);
});
