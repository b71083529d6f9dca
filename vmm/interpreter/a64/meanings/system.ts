// Of the system: exceptions, hints, barriers, system registers.

import type { Rule } from "./rule.ts";

export const system: readonly Rule[] = [
  [/^SVC$/, "Calls the operating system: takes an exception to EL1."],
  [/^HVC$/, "Calls the hypervisor, which here is the monitor: PSCI and SMCCC."],
  [/^SMC$/, "Calls the secure monitor; a guest of KVM has none of its own."],
  [/^BRK$/, "Takes a breakpoint exception."],
  [/^(HLT|DCPS[123]|DRPS)$/, "Is for a debugger that halts the processor; undefined without one."],
  [/^UDF$/, "Is undefined, for ever."],
  [/^ERET$/, "Returns from an exception: PSTATE from SPSR_EL1, then to the address in ELR_EL1."],
  [/^(NOP|YIELD|HINT|CSDB|DGH|ESB|PSB)$/, "Does nothing here: a hint."],
  [/^WFE(T)?$/, "Waits for an event, or an interrupt."],
  [/^WFI(T)?$/, "Waits for an interrupt."],
  [/^SEV(L)?$/, ([, l]) => `Sends an event to ${l ? "this processor" : "all processors"}, which wakes WFE.`],
  [/^BTI$/, "Marks where indirect branches may lead, in guarded pages."],
  [/^D[SM]B$/, "Orders memory accesses: those after it are not seen before those that went before it."],
  [/^ISB$/, "What follows is fetched anew and sees all that went before."],
  [/^SB$/, "Nothing after it is executed speculatively."],
  [/^CLREX$/, "Forgets the address that was marked for exclusive access."],
  [/^MSR$/, "Writes a system register, or a field of PSTATE."],
  [/^MRS$/, "Reads a system register."],
  [/^SYS$/, "Does a system operation: on caches (DC, IC), on translations (TLBI, AT)."],
  [/^SYSL$/, "Does a system operation that gives a result."],
  [/^DC$/, "Fills a block of memory with zeros."],
];
