// The system registers' encodings against binutils, which nobody here wrote.

import { assertEquals } from "@std/assert";
import { keyOf, systemRegisterRows } from "../../../../vmm/interpreter/a64/system_registers.ts";
import { disassemble } from "./oracle/binutils.ts";
import { oracleTest } from "./oracle/oracle_tools.ts";

/** MRS X0 and MSR X0, but for the key. */
const mrs = 0xd520_0000, msr = 0xd500_0000;

/** Binutils 2.40 knows these by their numbers only, or by the name that the write has. */
const otherNames: Readonly<Record<string, string>> = {
  DBGDTRRX_EL0: "dbgdtrtx_el0",
};

oracleTest("every system register is called as binutils calls its encoding", async () => {
  const rows = systemRegisterRows.filter(({ name }) => !/^S\d/.test(name));
  const words = rows.map(({ encoding, read }) => ((read ? mrs : msr) | keyOf(...encoding) << 5) >>> 0);
  const texts = await disassemble(Uint32Array.from(words));
  const different = rows.flatMap(({ name, read }, index) => {
    const text = texts[index]!.replace(/\s+\/\/.*/, "");
    const expected = read ? `mrs x0, ${name.toLowerCase()}` : `msr ${name.toLowerCase()}, x0`;
    const isKnown = !/s[23]_\d_c\d/.test(text);
    return !isKnown || text === expected || text.includes(otherNames[name] ?? " ")
      ? []
      : [`${name}: ${text}`];
  });
  assertEquals(different, []);
});
