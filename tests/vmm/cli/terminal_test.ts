import { assertEquals } from "@std/assert";
import { createKeyFilter } from "../../../vmm/cli/terminal.ts";

/** Types the pieces, each as one read; returns what went to the guest and what the monitor was told. */
function typed(...pieces: string[]) {
  const told: string[] = [];
  const does = (what: string) => ({ does: what, act: () => void told.push(what) });
  const filter = createKeyFilter({ x: does("quit"), h: does("help") });
  const passed = pieces.map((piece) => new TextDecoder().decode(filter(new TextEncoder().encode(piece))));
  return { passed: passed.join("|"), told };
}

Deno.test("what is typed goes to the guest, Ctrl-C and every other control key included", () => {
  assertEquals(typed("ls\r", "\x03\x04\x1b[A\x00\x1d"), { passed: "ls\r|\x03\x04\x1b[A\x00\x1d", told: [] });
});

Deno.test("bytes that are no UTF-8 go to the guest as they are", () => {
  const bytes = Uint8Array.from([0xff, 0x80, 0xc3]);
  assertEquals(createKeyFilter({})(bytes), bytes);
});

for (const [key, does] of [["x", "quit"], ["X", "quit"], ["h", "help"], ["H", "help"]] as const) {
  Deno.test(`Ctrl-A ${key} is the monitor's: ${does}`, () => {
    assertEquals(typed(`a\x01${key}b`), { passed: "ab", told: [does] });
    assertEquals(typed("a\x01", `${key}b`), { passed: "a|b", told: [does] });
  });
}

Deno.test("Ctrl-A twice is one Ctrl-A for the guest, also over two reads", () => {
  assertEquals(typed("\x01\x01x"), { passed: "\x01x", told: [] });
  assertEquals(typed("\x01", "\x01", "x"), { passed: "|\x01|x", told: [] });
});

Deno.test("Ctrl-A and a key that means nothing are dropped, and the next key is an ordinary one", () => {
  assertEquals(typed("\x01qx"), { passed: "x", told: [] });
  assertEquals(typed("\x01", "\x03", "h"), { passed: "||h", told: [] });
});
