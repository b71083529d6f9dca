// Where the instruction at the PC lies (Arm DDI 0487, "Instruction Abort exceptions").

import type { Cpu } from "./cpu.ts";
import type { CodePage } from "./code_pages.ts";
import { pageSize } from "./cpu_layout.ts";
import { instructionAbort, translate } from "./mmu.ts";
import { isAtEl0 } from "./pstate.ts";
import { rememberMapping } from "./tlb.ts";
import { faultStatus } from "./translation_table_walk.ts";

/** The page with the PC's address. Throws GuestException. */
export function codePage(cpu: Cpu): CodePage {
  const { pc } = cpu;
  const translation = translate(cpu, pc, "execute", isAtEl0(cpu));
  rememberMapping(cpu, pc, translation);
  const offset = cpu.memory.offsetOf(translation.physical);
  // Devices hold no instructions.
  if (offset < 0) throw instructionAbort(cpu, faultStatus.external, pc);
  return { at: offset - Number(pc & BigInt(pageSize - 1)), isGuarded: translation.isGuarded };
}
