// Whether a condition holds (Arm DDI 0487, shared pseudocode "ConditionHolds").

import type { Operand } from "../definition.ts";
import type { Target } from "../target.ts";
import {
  and32,
  bind,
  const32,
  eq32,
  eqz32,
  type I32,
  or32,
  shl32,
  shrU32,
  wrap,
  xor32,
} from "../vocabulary.ts";
import { flag } from "./flags.ts";

const { N, Z, C, V } = flag;
const always = 7;

/** Code for a condition that is known; what it leaves is 0 or not 0. */
export function condition(target: Target, cond: number): I32 {
  const kind = cond >> 1;
  if (kind === always) return const32(1);
  const holds = conditionKinds[kind]!(target.nzcv());
  return cond & 1 ? eqz32(holds) : holds;
}

const signsDiffer = (nzcv: I32): I32 => and32(xor32(nzcv, shl32(nzcv, const32(3))), const32(N));

const conditionKinds: readonly ((nzcv: I32) => I32)[] = [
  (nzcv) => and32(nzcv, const32(Z)),
  (nzcv) => and32(nzcv, const32(C)),
  (nzcv) => and32(nzcv, const32(N)),
  (nzcv) => and32(nzcv, const32(V)),
  (nzcv) => eq32(and32(nzcv, const32(C | Z)), const32(C)),
  (nzcv) => bind("i32", nzcv, (flags) => eqz32(signsDiffer(flags))),
  (nzcv) => bind("i32", nzcv, (flags) => eqz32(or32(signsDiffer(flags), and32(flags, const32(Z))))),
];

/** An operand in place of a handler for every condition: its bit n says whether it holds where NZCV is n. */
export const conditionTable = (field: string): Operand => (fields) => tables[fields[field]!]!;

/** Code for a condition by its table. */
export const holds = (target: Target, operand: string): I32 =>
  and32(shrU32(wrap(target.number(operand)), shrU32(target.nzcv(), const32(28))), const32(1));

const tables = Array.from({ length: 16 }, (_, cond) => {
  let table = 0;
  for (let nzcv = 0; nzcv < 16; nzcv++) if (conditionHolds(cond, nzcv)) table |= 1 << nzcv;
  return table;
});

function conditionHolds(cond: number, nzcv: number): boolean {
  const [n, z, c, v] = [8, 4, 2, 1].map((bit) => (nzcv & bit) !== 0);
  const kinds = [z, c, n, v, c && !z, n === v, n === v && !z, true];
  const result = kinds[cond >> 1]!;
  return cond & 1 && cond >> 1 !== always ? !result : result;
}
