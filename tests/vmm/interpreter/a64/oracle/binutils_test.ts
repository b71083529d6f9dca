import { assertEquals } from "@std/assert";
import { disassemble, isUndefined, mnemonic } from "./binutils.ts";
import { oracleTest } from "./oracle_tools.ts";

oracleTest("words are disassembled in their order, and what is no instruction is undefined", async () => {
  const words = Uint32Array.of(0x8b020020, 0, 0, 0, 0xffffffff, 0xd503201f, 0x04220020, 0);
  const texts = await disassemble(words);
  assertEquals(texts.map(isUndefined), [false, true, true, true, true, false, false, true]);
  assertEquals(texts.map(mnemonic), ["add", "udf", "udf", "udf", ".inst", "nop", "add", "udf"]);
  assertEquals(texts[0], "add x0, x1, x2");
  assertEquals(await disassemble(new Uint32Array()), []);
});
