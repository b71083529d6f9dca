// What generated code asks of the current exception level before it reaches system registers.

import { cpuWord } from "../cpu_layout.ts";
import { EL0, EL1h, PSTATE } from "../pstate.ts";
import type { Target } from "../target.ts";
import { placeOf } from "../system_register_row.ts";
import { and, and32, const32, const64, eq32, type I32, ne, ne32, or32, when } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";

export const readPstate = (t: Target): I32 => t.state32(cpuWord.pstate);

/** At EL1 the statement, at EL0 what `run` says. */
export const unlessAtEl0 = (t: Target, statement: Statement): Statement =>
  when(ne32(and32(readPstate(t), const32(PSTATE.EL)), const32(EL0)), statement, t.fallBack());

/** At EL1 with SP_EL1 the statement, else what `run` says. */
export const atEl1h = (t: Target, statement: Statement): Statement =>
  when(
    eq32(and32(readPstate(t), const32(PSTATE.EL | PSTATE.SP)), const32(EL1h)),
    statement,
    t.fallBack(),
  );

const sctlr = placeOf("SCTLR_EL1");
/** SCTLR_EL1.DZE: EL0 may use DC ZVA. */
const DZE = 1n << 14n;

export const mayZeroBlocks = (t: Target): I32 =>
  or32(
    ne32(and32(readPstate(t), const32(PSTATE.EL)), const32(EL0)),
    ne(and(t.state64(sctlr), const64(DZE)), const64(0)),
  );
