// Symbols as GNU ld writes them.

import { assert, assertEquals } from "@std/assert";
import { nameAddressBy, symbolsOf } from "../../guest/symbols.ts";
import { link, linkTools } from "./assembled.ts";
import { testWithTools } from "./tools.ts";

const source = `
        .global _start, main
        .type   main, %function
_start: b       main
main:   mov     x0, #1
.Lhere: b       .Lhere
        .size   main, . - main
tail:   nop
        .data
word:   .quad   1
`;

testWithTools(
  linkTools,
  "addresses are named by the symbols of an ELF image, with the distance; marks in the code are none",
  async () => {
    const image = await link(source);
    const symbols = symbolsOf(image);
    const name = nameAddressBy(symbols);
    const at = (symbol: string) => symbols.find((one) => one.name === symbol)!.address;
    assertEquals(at("_start"), 0x4008_0000n);
    assertEquals(
      [0n, 4n, 8n, 0xcn, 0x10n].map((offset) => name(0x4008_0000n + offset)),
      ["_start", "main", "main+0x4", "tail", "tail+0x4"],
    );
    assertEquals(name(0x4007_fffcn), undefined);
    assert(symbols.every((one) => !one.name.startsWith("$")));
  },
);

testWithTools(linkTools, "an image without symbols, or one that is damaged, names nothing", async () => {
  const image = await link(source);
  assertEquals(symbolsOf(new Uint8Array(64)), []);
  for (let length = 0; length < image.length; length += 37) symbolsOf(image.slice(0, length));
  for (let at = 0; at < image.length; at += 5) {
    const damaged = image.slice();
    damaged[at]! ^= 0xff;
    symbolsOf(damaged);
  }
  assertEquals(nameAddressBy([])(0n), undefined);
});
