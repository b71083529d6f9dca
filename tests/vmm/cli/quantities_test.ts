import { assertEquals, assertThrows } from "@std/assert";
import { parseCount, parseSeconds } from "../../../vmm/cli/quantities.ts";
import { parseMemorySize } from "../../../vmm/machine/memory_size.ts";
import { RequestError } from "../../../vmm/kvm/request_error.ts";

Deno.test("sizes of memory have a binary unit", () => {
  const sizes = { "64K": 65536, "512M": 536870912, "2G": 2147483648, "1T": 1099511627776, "0M": 0 };
  for (const [text, bytes] of Object.entries(sizes)) assertEquals(parseMemorySize(text), bytes);
});

for (const text of ["", "512", "M", "1.5G", "-1G", "512m", "1 G", "0x10M", "512MB", "99999999T"]) {
  Deno.test(`"${text}" is no size of memory`, () => {
    assertThrows(() => parseMemorySize(text), RequestError, `"${text}" is not a size of memory`);
  });
}

Deno.test("a count is a whole number from 1", () => {
  assertEquals([parseCount("cpus", "1"), parseCount("cpus", "123")], [1, 123]);
  for (const text of ["0", "-1", "1.5", "two", "", "1e3", "99999999999999999999"]) {
    assertThrows(() => parseCount("cpus", text), RequestError, `"${text}" is not a number for --cpus`);
  }
});

Deno.test("a time is seconds, with a fraction if wanted, that a timer can wait for", () => {
  assertEquals(["1", "0.25", "2147483"].map((text) => parseSeconds("timeout", text)), [1, 0.25, 2147483]);
  for (const text of ["0", "0.0", "-1", "5s", ".5", "1e3", "", "2147484", "Infinity"]) {
    assertThrows(() => parseSeconds("timeout", text), RequestError, `"${text}" is not a time for --timeout`);
  }
});
