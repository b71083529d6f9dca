// The interpreter's engine as one WebAssembly module: a function that runs op after op, the code of every
// instruction in it or, for those that are not hot, in a function of its own.

import { codeEntries, codeEntriesAt, codeEntry, cpuWord, pageBits, pageSize } from "./cpu_layout.ts";
import type { Form } from "./decoder.ts";
import {
  currentPc,
  type EngineCalls,
  interpreterTarget,
  loadAt,
  local,
  setState32,
  setState64,
  state32,
  state64,
  storeAt,
} from "./interpreter_target.ts";
import { guardedFlag, handlers, opField, opShift, opSize } from "./op.ts";
import { PSTATE } from "./pstate.ts";
import {
  add,
  and,
  and32,
  const32,
  const64,
  extendU32,
  type I64,
  ne,
  or,
  sequence,
  shl,
  shrU,
  sub,
  when,
  wrap,
} from "./vocabulary.ts";
import type { Code, Statement } from "./wasm/code.ts";
import { Module } from "./wasm/module.ts";

/** Why the engine's function returned. */
export const stopped = { budget: 0, fetch: 1, left: 2 } as const;

/** What `run` of the module's imports answers. */
export const wentOn = { next: 0, jump: 1, leave: 2 } as const;

/** PSTATE.EL. */
const levelField = 3 << 2;
/** A local of the main function beyond the common ones. */
const pc = local.tlb + 1;
const i64Load = [0x29];

interface Imports {
  readonly decode: number;
  readonly run: number;
  readonly load: number;
  readonly store: number;
  readonly misalignedSp: number;
  readonly trap: number;
  readonly fallBack: number;
  readonly landing: number;
}

/** @param maximumPages of the memory it runs over */
export function generateInterpreter(forms: readonly Form[], maximumPages: number): Uint8Array<ArrayBuffer> {
  const module = new Module(maximumPages);
  const imports: Imports = {
    decode: module.importFunction("decode", { params: ["i32"], results: [] }),
    run: module.importFunction("run", { params: ["i32"], results: ["i32"] }),
    load: module.importFunction("load", { params: ["i64", "i32"], results: ["i64"] }),
    store: module.importFunction("store", { params: ["i64", "i64", "i32"], results: [] }),
    misalignedSp: module.importFunction("misalignedSp", { params: [], results: [] }),
    trap: module.importFunction("trap", { params: ["i32"], results: [] }),
    fallBack: module.importFunction("fallBack", { params: ["i32"], results: [] }),
    landing: module.importFunction("landing", { params: [], results: [] }),
  };
  const load = module.defineFunction({ params: ["i64", "i64", "i64", "i32"], results: ["i64"] }, (c) => {
    rememberOp(c);
    [2, 3].forEach((parameter) => c.get(parameter));
    c.call(imports.load);
  });
  const store = module.defineFunction({ params: ["i64", "i64", "i64", "i64", "i32"], results: [] }, (c) => {
    rememberOp(c);
    [2, 3, 4].forEach((parameter) => c.get(parameter));
    c.call(imports.store);
  });
  const notHere: Statement = () => {
    throw new Error("only hot instructions can branch");
  };
  const calls: EngineCalls = {
    load: (c) => c.call(load),
    store: (c) => c.call(store),
    misalignedSp: (c) => {
      rememberOp(c);
      c.call(imports.misalignedSp);
    },
    fallBack: (c) => {
      rememberOp(c);
      wrap((code) => code.get(local.op))(c);
      c.call(imports.fallBack);
    },
    jump: notHere,
    jumpNear: notHere,
  };
  const outOfLine = new Map(
    forms.filter(({ definition }) => !definition.isHot).map((form) => [
      form,
      module.defineFunction(
        { params: ["i64", "i64", "i64"], results: [] },
        (c) => body(form, calls, imports)(c),
      ),
    ]),
  );
  module.defineFunction(
    { params: ["i32", "i32"], results: ["i32"] },
    (c) => writeEntry(c, defineMain(module, forms, calls, imports, outOfLine)),
    "run",
  );
  return module.binary();
}

const rememberOp = setState64(cpuWord.op, (c) => c.get(local.op));

function body(form: Form, calls: EngineCalls, imports: Imports): Statement {
  const { definition, fields } = form;
  const emit = definition.emit!(interpreterTarget(form, calls), fields);
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

/** From (cpu, budget) as JavaScript has them to the main function. */
function writeEntry(c: Code, main: number) {
  const cpu: Statement = () => {
    c.get(0);
    c.op(0xad);
  };
  storeAt([0x36], cpu, (code) => code.get(1), cpuWord.budget)(c);
  storeAt([0x36], cpu, const32(0), cpuWord.arrivalBudget)(c);
  cpu(c);
  c.call(main);
}

/** (cpu: i64) -> i32, one of `stopped`: goes on at the vcpu's `pc` with its `budget`. */
function defineMain(
  module: Module,
  forms: readonly Form[],
  common: EngineCalls,
  imports: Imports,
  outOfLine: ReadonlyMap<Form, number>,
): number {
  return module.defineFunction({ params: ["i64"], results: ["i32"] }, (c) => {
    // The common locals, in their order, after the parameter.
    for (const expected of [local.op, local.tlb, pc]) {
      if (c.local("i64") !== expected) throw new Error("the engine's locals are out of order");
    }
    loadTlb(c);
    c.loop(() => {
      const look = c.depth - 1;
      lookUpCode(c, imports);
      c.loop(() => writeDispatch(c, look, forms, common, imports, outOfLine));
    });
    c.op(0x00);
  });
}

function loadTlb(c: Code) {
  state64(cpuWord.tlb)(c);
  c.set(local.tlb);
}

const giveBack = (reason: number): Statement => (c) => {
  c.i32(reason);
  c.op(0x0f);
};

/** Finds the ops of the instruction at the vcpu's `pc`, or returns for them to be fetched. */
function lookUpCode(c: Code, imports: Imports) {
  const address: I64 = (code) => code.get(pc);
  const entry = c.local("i64");
  state64(cpuWord.pc)(c);
  c.set(pc);
  state32(cpuWord.budget)(c);
  c.i32(0);
  c.op(0x4c);
  c.if(giveBack(stopped.budget));
  const index = and(shrU(address, const64(pageBits)), const64(codeEntries - 1));
  add(
    add((code) => code.get(local.cpu), const64(codeEntriesAt)),
    shl(index, const64(Math.log2(codeEntry.size))),
  )(c);
  c.set(entry);
  // The two lowest bits stay: a misaligned PC is no page's address.
  const page = and(address, const64(-pageSize | 3));
  const tag = loadAt(i64Load, (code) => code.get(entry), codeEntry.tag, 3);
  const tagWith = (fields: number) => or(page, extendU32(and32(state32(cpuWord.pstate), const32(fields))));
  const ops = loadAt(i64Load, (code) => code.get(entry), codeEntry.ops, 3);
  const arrive = sequence(
    setState64(cpuWord.pageOps, ops),
    setState64(cpuWord.pageAddress, page),
    add(ops, shl(and(address, const64(pageSize - 1)), const64(opShift))),
    (code) => code.set(local.op),
    setState64(cpuWord.start, (code) => code.get(local.op)),
  );
  // No tag has BTYPE's bits, so a branch that sets them, and only it, pays for what they mean.
  when(
    ne(tag, tagWith(levelField | PSTATE.BTYPE)),
    sequence(
      when(ne(tag, tagWith(levelField)), giveBack(stopped.fetch)),
      arriveByBranch(imports, ops, arrive),
    ),
    arrive,
  )(c);
  c.release("i64", entry);
}

/** Where PSTATE.BTYPE is set: it is no longer, but for exceptions of the instruction, which is checked. */
const arriveByBranch = (imports: Imports, ops: I64, arrive: Statement): Statement =>
  sequence(
    setState32(cpuWord.arrivalType, and32(state32(cpuWord.pstate), const32(PSTATE.BTYPE))),
    setState32(cpuWord.arrivalBudget, state32(cpuWord.budget)),
    setState32(cpuWord.pstate, and32(state32(cpuWord.pstate), const32(~PSTATE.BTYPE))),
    arrive,
    when(
      loadAt([0x2f], ops, guardedFlag, 1),
      sequence(rememberOp, (code) => code.call(imports.landing)),
    ),
  );

/** Counts the instructions since the last jump, the current one among them. */
const spend: Statement = setState32(cpuWord.budget, (c) => {
  state32(cpuWord.budget)(c);
  wrap(shrU(sub((code) => code.get(local.op), state64(cpuWord.start)), const64(Math.log2(opSize))))(c);
  c.op(0x6b);
  c.i32(1);
  c.op(0x6b);
});

function writeDispatch(
  c: Code,
  look: number,
  forms: readonly Form[],
  common: EngineCalls,
  imports: Imports,
  outOfLine: ReadonlyMap<Form, number>,
) {
  const top = c.depth - 1;
  const jump: Statement = () => {
    spend(c);
    c.branch(look);
  };
  const jumpNear: Statement = () => {
    c.set(pc);
    spend(c);
    c.get(pc);
    c.set(local.op);
    setState64(cpuWord.start, (code) => code.get(local.op))(c);
    state32(cpuWord.budget)(c);
    c.i32(0);
    c.op(0x4a);
    c.branchIf(top);
    setState64(cpuWord.pc, currentPc)(c);
    giveBack(stopped.budget)(c);
  };
  const calls = { ...common, jump, jumpNear };
  const next: Statement = () => {
    add((code) => code.get(local.op), const64(opSize))(c);
    c.set(local.op);
    c.branch(top);
  };
  const special: Record<number, Statement> = {
    [handlers.decode]: () => {
      wrap((code) => code.get(local.op))(c);
      c.call(imports.decode);
      c.branch(top);
    },
    [handlers.pageEnd]: () => {
      // This op is no instruction, so it is not counted.
      setState64(cpuWord.pc, add(state64(cpuWord.pageAddress), const64(pageSize)))(c);
      sub((code) => code.get(local.op), const64(opSize))(c);
      c.set(local.op);
      jump(c);
    },
    [handlers.run]: () => writeRun(c, look, imports, next),
  };
  const bodies: Statement[] = [
    ...Object.values(special),
    ...forms.map((form): Statement => () => {
      const index = outOfLine.get(form);
      if (index === undefined) body(form, calls, imports)(c);
      else {
        [local.cpu, local.op, local.tlb].forEach((one) => c.get(one));
        c.call(index);
      }
      next(c);
    }),
  ];
  writeSwitch(c, bodies);
}

/** Goes to the body that the op's handler names; each body leaves by itself. */
function writeSwitch(c: Code, bodies: readonly Statement[]) {
  bodies.forEach(() => c.openBlock());
  loadAt([0x2f], (code) => code.get(local.op), opField.handler, 1)(c);
  const depths = bodies.map((_, index) => c.depth - 1 - index);
  c.branchTable(depths, depths[0]!);
  for (const body of bodies) {
    c.endBlock();
    body(c);
  }
}

function writeRun(c: Code, look: number, imports: Imports, next: Statement) {
  const answer = c.local("i32");
  rememberOp(c);
  wrap((code) => code.get(local.op))(c);
  c.call(imports.run);
  c.tee(answer);
  c.op(0x45);
  c.if(() => {
    loadTlb(c);
    next(c);
  });
  spend(c);
  loadTlb(c);
  c.get(answer);
  c.i32(wentOn.jump);
  c.op(0x46);
  c.branchIf(look);
  giveBack(stopped.left)(c);
  c.release("i32", answer);
}
