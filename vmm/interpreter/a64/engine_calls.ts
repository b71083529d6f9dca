// What generated code calls: JavaScript, and the functions of the instructions that are not hot.

import { cpuWord } from "./cpu_layout.ts";
import type { Form } from "./decoder.ts";
import {
  clearUpperQuadwords,
  type EngineCalls,
  interpreterTarget,
  local,
  setState32,
  setState64,
  state32,
} from "./interpreter_target.ts";
import { and, const32, const64, sequence, wrap } from "./vocabulary.ts";
import type { Code, Statement, Type } from "./wasm/code.ts";
import type { Module } from "./wasm/module.ts";

export interface Imports {
  readonly decode: number;
  readonly run: number;
  readonly load: number;
  readonly store: number;
  readonly misalignedSp: number;
  readonly trap: number;
  readonly fallBack: number;
  readonly landing: number;
}

/** Where an op lies is a number in JavaScript. */
export const importFunctions = (module: Module): Imports => ({
  decode: module.importFunction("decode", { params: ["f64"], results: [] }),
  run: module.importFunction("run", { params: ["f64"], results: ["i32"] }),
  load: module.importFunction("load", { params: ["i64", "i32"], results: ["i64"] }),
  store: module.importFunction("store", { params: ["i64", "i64", "i32"], results: [] }),
  misalignedSp: module.importFunction("misalignedSp", { params: [], results: [] }),
  trap: module.importFunction("trap", { params: ["i32"], results: [] }),
  fallBack: module.importFunction("fallBack", { params: ["f64"], results: [] }),
  landing: module.importFunction("landing", { params: [], results: [] }),
});

export const rememberOp = sequence(
  setState64(cpuWord.op, (c) => c.get(local.op)),
  setState64(cpuWord.limit, (c) => c.get(local.limit)),
);

export const pushOpForJavaScript: Statement = (c) => {
  c.get(local.op);
  c.op(0xba);
};

const common = [local.cpu, local.op, local.limit];
const types = (locals: readonly number[]) => locals.map((): Type => "i64");
const pushAll = (c: Code, locals: readonly number[]) => locals.forEach((one) => c.get(one));

/** The functions have the common locals first, and remember them for JavaScript. */
export function defineCalls(module: Module, imports: Imports): EngineCalls {
  const define = (params: readonly Type[], results: readonly Type[], index: number, push?: Statement) =>
    module.defineFunction({ params: [...types(common), ...params], results }, (c) => {
      rememberOp(c);
      push?.(c);
      params.forEach((_, n) => c.get(common.length + n));
      c.call(index);
    });
  const withCommon = (index: number): Statement => (c) => {
    pushAll(c, common);
    c.call(index);
  };
  const load = define(["i64", "i32"], ["i64"], imports.load);
  const store = define(["i64", "i64", "i32"], [], imports.store);
  const clearUpper = module.defineFunction(
    { params: ["i64"], results: [] },
    clearUpperQuadwords((c) => c.get(0)),
  );
  return {
    load: (c) => c.call(load),
    store: (c) => c.call(store),
    misalignedSp: withCommon(define([], [], imports.misalignedSp)),
    fallBack: withCommon(define([], [], imports.fallBack, pushOpForJavaScript)),
    clearUpper: (c) => c.call(clearUpper),
    jump: notHere,
    jumpNear: notHere,
  };
}

const notHere: Statement = () => {
  throw new Error("only hot instructions can branch");
};

export function instructionBody(form: Form, calls: EngineCalls, imports: Imports): Statement {
  const { definition, fields, cond } = form;
  const target = interpreterTarget(form, calls);
  const emit = cond === undefined
    ? definition.emit!(target, fields)
    : definition.emitCompared!(target, fields, cond, target.branchAsNext());
  if (!definition.uses) return emit;
  const isSve = definition.uses === "sve";
  return (c) => {
    const trap = state32(isSve ? cpuWord.sveTrap : cpuWord.fpTrap);
    trap(c);
    c.if(() => {
      rememberOp(c);
      trap(c);
      c.call(imports.trap);
    });
    if (isSve) setState32(cpuWord.upperInUse, const32(1))(c);
    emit(c);
  };
}

const allLocals = [...common, local.tlb, local.word];
const handlerMask = const64(0xffff);

/**
 * Each instruction that is not hot has a function of its own; this calls that of the op.
 * @param first the first one's handler
 */
export function defineCold(
  module: Module,
  forms: readonly Form[],
  first: number,
  calls: EngineCalls,
  imports: Imports,
): Statement {
  const signature = { params: types(allLocals), results: [] };
  const functions = forms.map((form) =>
    module.defineFunction(signature, (c) => instructionBody(form, calls, imports)(c))
  );
  const cold = module.defineFunction(signature, (c) => {
    functions.forEach(() => c.openBlock());
    wrap(and((code) => code.get(local.word), handlerMask))(c);
    c.i32(first);
    c.op(0x6b);
    const depths = functions.map((_, index) => c.depth - 1 - index);
    c.branchTable(depths, depths[0]!);
    for (const index of functions) {
      c.endBlock();
      pushAll(c, allLocals);
      c.call(index);
      c.op(0x0f);
    }
  });
  return (c) => {
    pushAll(c, allLocals);
    c.call(cold);
  };
}
