// The interpreter's engine as one WebAssembly module: a function that runs op after op, with the code of every hot
// instruction in it. It calls nothing where it matters, so that its locals stay in registers.

import { codeEntries, codeEntriesAt, codeEntry, cpuWord, pageBits, pageSize } from "./cpu_layout.ts";
import type { Form } from "./decoder.ts";
import {
  callCold,
  callRegion,
  defineCalls,
  entryOfRegion,
  importFunctions,
  type Imports,
  instructionBody,
  pushOpForJavaScript,
  rememberOp,
} from "./engine_calls.ts";
import {
  currentPc,
  type EngineCalls,
  local,
  setState32,
  setState64,
  state32,
  state64,
} from "./interpreter_target.ts";
import { i32Load16U, i64Load, i64Store, loadAt, storeAt } from "./memory_code.ts";
import { guardedFlag, handlers, mostRegions, opShift, opSize, regionEntry } from "./op.ts";
import { PSTATE } from "./pstate.ts";
import { ended } from "./regions/block_writer.ts";
import {
  add,
  and,
  and32,
  const32,
  const64,
  eq,
  eq32,
  extendU32,
  getLocal,
  type I64,
  ne,
  ne32,
  or,
  sequence,
  setLocal,
  shl,
  shrU,
  sub,
  sub32,
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
/** Locals of the main function beyond the common ones: a jump's target, and what it leaves to be run. */
const pc = local.word + 1, left = pc + 1;
const handlerMask = const32(0xffff);
const opSizeShift = Math.log2(opSize);

/**
 * @param hot the hot instructions' forms in the order of their handlers
 * @param pages of the memory it runs over
 */
export function generateInterpreter(hot: readonly Form[], pages: number): Uint8Array<ArrayBuffer> {
  const module = new Module(pages);
  const imports = importFunctions(module);
  const calls = defineCalls(module, imports);
  const place = sub32(handlerOf, const32(handlers.count + hot.length - mostRegions));
  const cold = callCold(module, place);
  const region = callRegion(module);
  const main = defineMain(module, { hot, cold, region, calls, imports });
  module.defineFunction({ params: ["f64", "i32"], results: ["i32"] }, (c) => writeEntry(c, main), "run");
  return module.binary();
}

/** From (cpu, budget) as JavaScript has them to (cpu, op, limit), with a jump that is about to be counted. */
function writeEntry(c: Code, main: number) {
  const cpu: I64 = (code) => {
    code.get(0);
    code.op(0xb1);
  };
  storeAt(i64Store, cpu, const64(-1), cpuWord.arrivalDistance)(c);
  cpu(c);
  const64(0)(c);
  shl(add(extendU32((code) => code.get(1)), const64(1)), const64(opSizeShift))(c);
  c.call(main);
}

interface Parts {
  readonly hot: readonly Form[];
  /** Runs the op of an instruction that is not hot. */
  readonly cold: Statement;
  /** Runs the region that begins at the op; what it returns is left on the stack. */
  readonly region: Statement;
  readonly calls: EngineCalls;
  readonly imports: Imports;
}

/** (cpu, op, limit) -> i32, one of `stopped`: goes on at the vcpu's `pc`. */
function defineMain(module: Module, parts: Parts): number {
  return module.defineFunction({ params: ["i64", "i64", "i64"], results: ["i32"] }, (c) => {
    // The common locals, in their order, after the parameters.
    for (const expected of [local.tlb, local.word, pc, left]) {
      if (c.local("i64") !== expected) throw new Error("the engine's locals are out of order");
    }
    loadTlb(c);
    setLocal(pc, state64(cpuWord.pc))(c);
    c.loop(() => {
      const look = c.depth - 1;
      lookUpCode(c, parts.imports);
      c.loop(() => {
        const top = c.depth - 1;
        loadWord(c);
        c.loop(() => writeDispatch(c, { look, top, known: c.depth - 1 }, parts));
      });
    });
    c.op(0x00);
  });
}

const loadWord = setLocal(local.word, loadAt(i64Load, getLocal(local.op), 0, 3));
const loadTlb = setLocal(local.tlb, state64(cpuWord.tlb));

/** Returns; what is still to be run is how far the limit is from the op. */
const giveBack = (reason: number): Statement => (c) => {
  rememberOp(c);
  c.i32(reason);
  c.op(0x0f);
};

/** Between two ops. */
const giveBackAtJump = (reason: number): Statement =>
  sequence(
    setState64(cpuWord.pc, getLocal(pc)),
    setLocal(local.limit, add(getLocal(local.op), getLocal(left))),
    giveBack(reason),
  );

/** Counts the op as run, and finds the ops of the instruction at `pc`, or returns for them to be fetched. */
function lookUpCode(c: Code, imports: Imports) {
  const address = getLocal(pc);
  const entry = c.local("i64");
  setLocal(left, sub(sub(getLocal(local.limit), getLocal(local.op)), const64(opSize)))(c);
  c.get(left);
  c.i64(0);
  c.op(0x57);
  c.if(giveBackAtJump(stopped.budget));
  const index = and(shrU(address, const64(pageBits)), const64(codeEntries - 1));
  const table = add(getLocal(local.cpu), const64(codeEntriesAt));
  setLocal(entry, add(table, shl(index, const64(Math.log2(codeEntry.size)))))(c);
  // The two lowest bits stay: a misaligned PC is no page's address.
  const page = and(address, const64(-pageSize | 3));
  const tag = loadAt(i64Load, getLocal(entry), codeEntry.tag, 3);
  const tagWith = (fields: number) => or(page, extendU32(and32(state32(cpuWord.pstate), const32(fields))));
  const ops = loadAt(i64Load, getLocal(entry), codeEntry.ops, 3);
  const arrive = sequence(
    setLocal(local.op, ops),
    setState64(cpuWord.pageOps, getLocal(local.op)),
    setState64(cpuWord.pageBias, sub(page, shrU(getLocal(local.op), const64(opShift)))),
    setLocal(local.op, add(getLocal(local.op), shl(and(address, const64(pageSize - 1)), const64(opShift)))),
    setLocal(local.limit, add(getLocal(local.op), getLocal(left))),
  );
  // No tag has BTYPE's bits, so a branch that sets them, and only it, pays for what they mean.
  when(
    ne(tag, tagWith(levelField | PSTATE.BTYPE)),
    sequence(
      when(ne(tag, tagWith(levelField)), giveBackAtJump(stopped.fetch)),
      arriveByBranch(imports, arrive),
    ),
    arrive,
  )(c);
  c.release("i64", entry);
}

/** Where PSTATE.BTYPE is set: it is no longer, but for exceptions of the instruction, which is checked. */
const arriveByBranch = (imports: Imports, arrive: Statement): Statement =>
  sequence(
    setState32(cpuWord.arrivalType, and32(state32(cpuWord.pstate), const32(PSTATE.BTYPE))),
    setState64(cpuWord.arrivalDistance, getLocal(left)),
    setState32(cpuWord.pstate, and32(state32(cpuWord.pstate), const32(~PSTATE.BTYPE))),
    arrive,
    when(
      loadAt(i32Load16U, state64(cpuWord.pageOps), guardedFlag, 1),
      sequence(rememberOp, (code) => code.call(imports.landing)),
    ),
  );

/** Depths of the loops: they go on by looking for the code at `pc`, with the op, or with the op whose word is known. */
interface Loops {
  readonly look: number;
  readonly top: number;
  readonly known: number;
}

function writeDispatch(c: Code, loops: Loops, { hot, cold, region, calls, imports }: Parts) {
  const { look, top } = loops;
  const jump: Statement = () => {
    c.set(pc);
    c.branch(look);
  };
  const next: Statement = () => {
    setLocal(local.op, add(getLocal(local.op), const64(opSize)))(c);
    c.branch(top);
  };
  const withJumps = { ...calls, jump, jumpNear: () => writeNearJump(c, top) };
  const bodies = hot.map((form): Statement => () => {
    instructionBody(form, withJumps, imports)(c);
    if (form.cond !== undefined) setLocal(local.op, add(getLocal(local.op), const64(opSize)))(c);
    next(c);
  });
  const ends: Statement = () => {
    // This op is no instruction, so it is not counted.
    setLocal(local.op, sub(getLocal(local.op), const64(opSize)))(c);
    add(currentPc, const64(4))(c);
    jump(c);
  };
  const rare: Statement = () => writeRare(c, { loops, next, cold, region, imports });
  writeSwitch(c, { [handlers.decode]: rare, [handlers.pageEnd]: ends, [handlers.run]: rare }, bodies, rare);
}

/** The distance, in bytes of ops, is on the stack: the limit moves along, but for the jump itself. */
function writeNearJump(c: Code, top: number) {
  const distance = c.local("i64");
  c.set(distance);
  setLocal(local.op, add(getLocal(local.op), getLocal(distance)))(c);
  setLocal(local.limit, add(getLocal(local.limit), sub(getLocal(distance), const64(opSize))))(c);
  c.get(local.limit);
  c.get(local.op);
  c.op(0x55);
  c.branchIf(top, true);
  setState64(cpuWord.pc, currentPc)(c);
  giveBack(stopped.budget)(c);
  c.release("i64", distance);
}

const handlerOf = and32(wrap(getLocal(local.word)), handlerMask);

/** Goes to the body that the op's handler names, or to what is rare; each body leaves by itself. */
function writeSwitch(
  c: Code,
  special: Readonly<Record<number, Statement>>,
  hot: readonly Statement[],
  rare: Statement,
) {
  const ends = special[handlers.pageEnd]!;
  const bodies = [rare, ends, ...hot];
  bodies.forEach(() => c.openBlock());
  handlerOf(c);
  const depths = bodies.map((_, index) => c.depth - 1 - index);
  const [toRare, toEnds, ...toHot] = depths;
  const toSpecial = Array.from({ length: handlers.count }, (_, n) => special[n] === ends ? toEnds! : toRare!);
  c.branchTable([...toSpecial, ...toHot], toRare!);
  for (const body of bodies) {
    c.endBlock();
    body(c);
  }
}

/** Goes on as the region says, which has put PC and limit into the state. */
function writeRegion(c: Code, { look, top, known }: Loops, region: Statement) {
  const answer = c.local("i64");
  region(c);
  c.set(answer);
  setLocal(local.limit, state64(cpuWord.limit))(c);
  setLocal(local.op, and(getLocal(answer), const64(~ended.mask)))(c);
  const how = and(getLocal(answer), const64(ended.mask));
  when(eq(how, const64(ended.atOp)), (code) => code.branch(top))(c);
  when(eq(how, const64(ended.byBudget)), giveBack(stopped.budget))(c);
  when(
    eq(how, const64(ended.byJump)),
    sequence(setLocal(pc, state64(cpuWord.pc)), (code) => code.branch(look)),
  )(c);
  loadWord(c);
  when(
    eq32(handlerOf, const32(handlers.region)),
    setLocal(
      local.word,
      or(and(getLocal(local.word), const64(~0xffffn)), extendU32(entryOfRegion(regionEntry.handler))),
    ),
  )(c);
  c.branch(known);
  c.release("i64", answer);
}

interface RareParts {
  /** Calls the region of the op. */
  readonly region: Statement;
  readonly loops: Loops;
  readonly next: Statement;
  readonly cold: Statement;
  readonly imports: Imports;
}

/** All that calls. The condition always holds, but what it guards counts as rare that way. */
function writeRare(c: Code, { loops, next, cold, region, imports }: RareParts) {
  const isHandler = (handler: number) => eq32(handlerOf, const32(handler));
  ne32(handlerOf, const32(handlers.pageEnd))(c);
  c.if(() => {
    isHandler(handlers.decode)(c);
    c.if(() => {
      rememberOp(c);
      pushOpForJavaScript(c);
      c.call(imports.decode);
      c.branch(loops.top);
    });
    isHandler(handlers.run)(c);
    c.if(() => writeRun(c, loops.look, imports, next));
    isHandler(handlers.region)(c);
    c.if(() => writeRegion(c, loops, region));
    cold(c);
    next(c);
  });
  c.op(0x00);
}

function writeRun(c: Code, look: number, imports: Imports, next: Statement) {
  const answer = c.local("i32");
  rememberOp(c);
  pushOpForJavaScript(c);
  c.call(imports.run);
  c.set(answer);
  loadTlb(c);
  // Whoever was called may have drawn the limit nearer.
  setLocal(local.limit, state64(cpuWord.limit))(c);
  c.get(answer);
  c.op(0x45);
  c.if(next);
  setLocal(pc, state64(cpuWord.pc))(c);
  c.get(answer);
  c.i32(wentOn.jump);
  c.op(0x46);
  c.branchIf(look);
  setLocal(local.limit, sub(getLocal(local.limit), const64(opSize)))(c);
  giveBack(stopped.left)(c);
  c.release("i32", answer);
}
