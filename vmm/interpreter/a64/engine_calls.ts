// What generated code calls: JavaScript, and the functions of the instructions that are not hot.

import { cpuWord } from "./cpu_layout.ts";
import { loadAcross, storeAcross } from "./crossing_access.ts";
import type { Form } from "./decoder.ts";
import {
  type EngineCalls,
  interpreterTarget,
  local,
  setState32,
  setState64,
  state32,
  state64,
} from "./interpreter_target.ts";
import { i32Load16U, loadAt } from "./memory_code.ts";
import { regionEntry } from "./op.ts";
import { regionSignature } from "./regions/generate_region.ts";
import { clearUpperQuadwords } from "./vector_target.ts";
import { add, const32, const64, type I32, type I64, sequence, shrU, sub } from "./vocabulary.ts";
import type { Code, Statement, Type, Value } from "./wasm/code.ts";
import { Module, type Signature } from "./wasm/module.ts";

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

const trapSignature: Signature = { params: ["i32"], results: [] };

/** Where an op lies is a number in JavaScript. */
export const importFunctions = (module: Module): Imports => ({
  decode: module.importFunction("decode", { params: ["f64"], results: [] }),
  run: module.importFunction("run", { params: ["f64"], results: ["i32"] }),
  load: module.importFunction("load", { params: ["i64", "i32"], results: ["i64"] }),
  store: module.importFunction("store", { params: ["i64", "i64", "i32"], results: [] }),
  misalignedSp: module.importFunction("misalignedSp", { params: [], results: [] }),
  trap: module.importFunction("trap", trapSignature),
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

/** The functions that the engine's module has for instructions: what they take after the common locals. */
const signatures = {
  /** `local.tlb`, an address and bytes. */
  loadSlowly: { params: ["i64", "i64", "i32"], results: ["i64"] },
  /** `local.tlb`, an address, a value and bytes. */
  storeSlowly: { params: ["i64", "i64", "i64", "i32"], results: [] },
  raiseMisalignedSp: { params: [], results: [] },
  runInstead: { params: [], results: [] },
} as const;
type Name = keyof typeof signatures;
const names = Object.keys(signatures) as Name[];
const signatureOf = (name: Name): Signature => {
  const { params, results } = signatures[name];
  return { params: [...types(common), ...params], results };
};

const clearUpper = "clearUpper";
const clearUpperSignature: Signature = { params: ["i64"], results: [] };

/** By their names, in the engine's module or imported from it. */
type Functions = Readonly<Record<Name | typeof clearUpper, number>>;

const callsOf = (functions: Functions): EngineCalls => {
  const withCommon = (index: number): Statement => (c) => {
    pushAll(c, common);
    c.call(index);
  };
  return {
    load: (c) => c.call(functions.loadSlowly),
    store: (c) => c.call(functions.storeSlowly),
    misalignedSp: withCommon(functions.raiseMisalignedSp),
    fallBack: withCommon(functions.runInstead),
    clearUpper: (c) => c.call(functions.clearUpper),
    jump: notHere,
    jumpNear: notHere,
  };
};

/** Exported, for the instructions that are generated later. They remember the common locals for JavaScript. */
export function defineCalls(module: Module, imports: Imports): EngineCalls {
  const define = (name: Name, index: number, push: Statement, first: Statement = sequence()) =>
    module.defineFunction(signatureOf(name), (c) => {
      first(c);
      rememberOp(c);
      push(c);
      c.call(index);
    }, name);
  const address = local.tlb + 1, next = address + 1, last = next + 1;
  return callsOf({
    loadSlowly: define(
      "loadSlowly",
      imports.load,
      (c) => pushAll(c, [address, next]),
      loadAcross(address, next),
    ),
    storeSlowly: define(
      "storeSlowly",
      imports.store,
      (c) => pushAll(c, [address, next, last]),
      storeAcross(address, next, last),
    ),
    raiseMisalignedSp: define("raiseMisalignedSp", imports.misalignedSp, sequence()),
    runInstead: define("runInstead", imports.fallBack, pushOpForJavaScript),
    clearUpper: module.defineFunction(clearUpperSignature, clearUpperQuadwords((c) => c.get(0)), clearUpper),
  });
}

const notHere: Statement = () => {
  throw new Error("only hot instructions can branch");
};

export function instructionBody(
  form: Form,
  calls: EngineCalls,
  imports: Pick<Imports, "trap">,
): Statement {
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
const inFunction: Signature = { params: types(allLocals), results: [] };

/** Runs an instruction that is not hot, by its function in the table; its place there is on the stack. */
export function callCold(module: Module, place: Value): Statement {
  module.importTable("cold");
  const type = module.typeIndex(inFunction);
  return (c) => {
    pushAll(c, allLocals);
    place(c);
    c.callIndirect(type);
  };
}

/** Runs the region that begins at the op, and leaves what it returns. */
export function callRegion(module: Module): Value {
  const type = module.typeIndex(regionSignature);
  return (c) => {
    pushAll(c, [local.cpu, local.op, local.limit, local.tlb]);
    entryOfRegion(regionEntry.place)(c);
    c.callIndirect(type);
  };
}

/** What a page of ops has beside an op that a region begins at. */
export function entryOfRegion(field: number): I32 {
  const op: I64 = (c) => c.get(local.op);
  const page = state64(cpuWord.pageOps);
  return loadAt(
    i32Load16U,
    add(page, shrU(sub(op, page), const64(regionEntry.shift))),
    regionEntry.at + field,
    1,
  );
}

/**
 * The module of one instruction that is not hot, made when it is first met: most never are. It exports the function,
 * and imports what the engine's module exports.
 */
export function generateCold(form: Form, pages: number): Uint8Array<ArrayBuffer> {
  const module = new Module(pages);
  const trap = module.importFunction("trap", trapSignature);
  const functions = Object.fromEntries(
    names.map((name) => [name, module.importFunction(name, signatureOf(name))]),
  ) as Record<Name, number>;
  const calls = callsOf({ ...functions, clearUpper: module.importFunction(clearUpper, clearUpperSignature) });
  module.defineFunction(inFunction, (c) => instructionBody(form, calls, { trap })(c), "run");
  return module.binary();
}
