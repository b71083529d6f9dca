import { assertEquals } from "@std/assert";
import { debugChanged, isSoftwareStep, runsStepwise } from "../../../../vmm/interpreter/a64/debug_unit.ts";
import { EL0, EL1h, PSTATE } from "../../../../vmm/interpreter/a64/pstate.ts";
import { systemRegisterRows } from "../../../../vmm/interpreter/a64/system_registers.ts";

import { bareCpu, faultOf } from "./bare_cpu.ts";

const SS = 1n, KDE = 1n << 13n, MDE = 1n << 15n;
const rowOf = (name: string) => systemRegisterRows.find((row) => row.name === name)!;

Deno.test("the OS lock puts software step off, at EL0 too", () => {
  const { cpu } = bareCpu();
  const lock = (value: bigint) => rowOf("OSLAR_EL1").write!(cpu, value);
  cpu.pstate = EL0;
  rowOf("MDSCR_EL1").write!(cpu, SS);
  assertEquals(isSoftwareStep(cpu), true);
  lock(1n);
  assertEquals([isSoftwareStep(cpu), cpu.system("OSLSR_EL1") & 2n], [false, 2n]);
  lock(0n);
  assertEquals(isSoftwareStep(cpu), true);
});

Deno.test("the kernel is stepped with KDE and D clear only", () => {
  const { cpu } = bareCpu();
  const cases = [[SS, 0], [SS | KDE, PSTATE.D], [SS | KDE, 0]] as const;
  const answers = cases.map(([control, mask]) => {
    cpu.pstate = EL1h | mask;
    rowOf("MDSCR_EL1").write!(cpu, control);
    return isSoftwareStep(cpu);
  });
  assertEquals(answers, [false, false, true]);
});

Deno.test("a write to a debug register leaves the engine, which is to look anew", () => {
  const { cpu } = bareCpu();
  const pc = cpu.pc;
  assertEquals([rowOf("DBGBCR0_EL1").write!(cpu, 0n), cpu.pc], ["leave", pc + 4n]);
});

Deno.test("a breakpoint on a context alone is looked for at every instruction", () => {
  const { cpu } = bareCpu();
  const E = 1n, atEl0 = 1n << 2n, onContext = 2n << 20n;
  cpu.setSystem("MDSCR_EL1", MDE);
  cpu.setSystem("DBGBCR5_EL1", E | atEl0 | onContext);
  assertEquals(runsStepwise(cpu), false);
  debugChanged(cpu);
  assertEquals(runsStepwise(cpu), true);
});

Deno.test("a monitor's watchpoint counts in place of the guest's, whatever the guest's controls are", () => {
  const { cpu, ramAt } = bareCpu();
  const E = 1n, atEl1 = 1n << 1n, onStores = 2n << 3n, everyByte = 0xffn << 5n;
  cpu.memory.view.setUint32(ramAt + 0x1000, 7, true);
  assertEquals(cpu.read(0x4000_1000n, 4), 7n);
  cpu.debug.monitor = {
    steps: false,
    hardware: {
      dbg_bcr: [],
      dbg_bvr: [],
      dbg_wcr: [E | atEl1 | onStores | everyByte],
      dbg_wvr: [0x4000_1000n],
    },
  };
  debugChanged(cpu);
  assertEquals(cpu.read(0x4000_1000n, 4), 7n);
  const { ec, iss, faultAddress } = faultOf(() => cpu.write(0x4000_1004n, 4, 1n));
  assertEquals([ec, iss, faultAddress], [0x34, 0x22 | 1 << 6, 0x4000_1004n]);
  assertEquals(cpu.memory.view.getUint32(ramAt + 0x1004, true), 0);
});
