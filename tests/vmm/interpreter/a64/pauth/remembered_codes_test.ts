import { assertEquals } from "@std/assert";
import { remembering } from "../../../../../vmm/interpreter/a64/pauth/remembered_codes.ts";

Deno.test("a code is computed once, and anew for whatever else is asked, in the same slot too", () => {
  let computed = 0;
  const compute = remembering((data, modifier, high, low) => {
    computed++;
    return BigInt.asUintN(64, data * 3n + modifier * 5n + high * 7n + low * 11n);
  });
  assertEquals([compute(1n, 2n, 3n, 4n), compute(1n, 2n, 3n, 4n), computed], [78n, 78n, 1]);
  const far = 1n << 40n;
  assertEquals(compute(1n + far, 2n, 3n, 4n), 78n + 3n * far);
  assertEquals(compute(1n, 2n + far, 3n, 4n), 78n + 5n * far);
  assertEquals(compute(1n, 2n, 3n + far, 4n), 78n + 7n * far);
  assertEquals(compute(1n, 2n, 3n, 4n + far), 78n + 11n * far);
  assertEquals([compute(1n, 2n, 3n, 4n), computed], [78n, 6]);
  assertEquals([compute(0n, 0n, 0n, 0n), computed], [0n, 7]);
});
