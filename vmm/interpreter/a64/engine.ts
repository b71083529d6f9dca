// Runs a vcpu's instructions: the generated module, and what it calls when it cannot go on by itself.

import type { Cpu } from "./cpu.ts";
import { checkLanding } from "./branch_targets.ts";
import type { CodePage, CodePages } from "./code_pages.ts";
import { codeEntries, codeEntriesAt, codeEntry, cpuWord, pageBits, pageSize } from "./cpu_layout.ts";
import { type Decoder, type Form, notLoaded } from "./decoder.ts";
import type { Definition } from "./definition.ts";
import { generateCold } from "./engine_calls.ts";
import { generateInterpreter, stopped, wentOn } from "./generate_interpreter.ts";
import { GuestException } from "./guest_exception.ts";
import {
  handlers,
  instructionSize,
  mostRegions,
  opField,
  opPageSize,
  opShift,
  opSize,
  pageEndOp,
  undefinedInstruction,
} from "./op.ts";
import { fieldsOf } from "./pattern.ts";
import { Regions } from "./regions/regions.ts";
import type { AccessSize } from "./cpu.ts";

/** What the engine needs done that is not an instruction's own. */
export interface EngineHost {
  /** The page of code at the PC's address. Throws GuestException. */
  codePage(cpu: Cpu): CodePage;
  /** Changes PC and state to where the exception leads; the PC is that of its instruction. */
  enter(cpu: Cpu, exception: GuestException): void;
  /** An instruction whose meaning is TypeScript is about to run. */
  runs?(cpu: Cpu, definition: Definition, word: number): void;
}

const exceptionClass = { unknown: 0x00, fp: 0x07, pcAlignment: 0x22, spAlignment: 0x26 };
/** ISS of a trapped FP or SVE instruction: CV set, COND 0b1110. */
const fpTrapIss = 0x1e0_0000;

const trapped = (ec: number) => new GuestException(ec, ec === exceptionClass.fp ? fpTrapIss : 0);

/** PSTATE.EL. */
const levelField = 3 << 2;

/** Thrown out of the generated code by the op after the one that a step is for. */
const stepped = Symbol("the step is done");
const noOp = -1;

/** Thrown out of the engine before an instruction at an offset in its page that a breakpoint is on; the PC is its. */
export const breakpointOffset = Symbol("a breakpoint may be here");

/** By how many places the table of functions grows. */
const coldRoom = 256;

type MainFunction = (cpu: number, budget: number) => number;

export class Engine {
  readonly decoder: Decoder;
  readonly #main: MainFunction;
  readonly #opFields: DataView;
  /** The functions of the instructions that are not hot, as far as they were met, and what they import. */
  readonly #cold: WebAssembly.Table;
  readonly #forCold: Readonly<Record<string, unknown>>;
  readonly #regions: Regions;
  /** Instructions that were run, but for those since generated code was entered. */
  executed = 0;
  /** The budget that generated code was entered with; none while it does not run. */
  #given = 0;
  /** `executed` at which `run` returns. */
  #until = 0;
  /** The op before which a step ends. */
  #stepEnd = noOp;
  /** The op that a step runs, whatever breakpoints are on it. */
  #passed = noOp;

  constructor(
    readonly cpu: Cpu,
    readonly code: CodePages,
    readonly host: EngineHost,
    readonly program: EngineProgram,
    memory: WebAssembly.Memory,
  ) {
    this.decoder = program.decoder;
    this.#opFields = new DataView(memory.buffer);
    cpu.debug.onOffsets = (before, after) => {
      this.#regions.forgetAll();
      [before, after].forEach((each) => code.forgetOffsets(each));
    };
    this.#cold = new WebAssembly.Table({ element: "anyfunc", initial: mostRegions + coldRoom });
    const imports = this.#imports();
    const { exports } = new WebAssembly.Instance(program.module, {
      host: { memory, cold: this.#cold, ...imports },
    });
    this.#main = exports.run as MainFunction;
    this.#forCold = { memory, trap: imports.trap, ...exports };
    this.#regions = new Regions({
      code,
      decoder: this.decoder,
      view: this.#opFields,
      cpuAt: cpu.base,
      pages: program.pages,
      table: this.#cold,
      imports: this.#forCold as never,
      decode: (op) => this.#writeOp(op),
    });
  }

  /** Makes an instruction's function if it is not hot and was not met before. */
  #prepare(op: number) {
    const { coldModule, decoder: { firstCold } } = this.program;
    const handler = this.#opFields.getUint16(op + opField.handler, true);
    if (handler < firstCold) return;
    const place = mostRegions + handler - firstCold;
    while (place >= this.#cold.length) this.#cold.grow(coldRoom);
    if (this.#cold.get(place)) return;
    const { exports } = new WebAssembly.Instance(coldModule(handler), { host: this.#forCold as never });
    this.#cold.set(place, exports.run as () => void);
  }

  #imports() {
    const { cpu } = this;
    return {
      decode: (op: number) => this.#decode(op),
      run: (op: number) => this.#run(op),
      load: (address: bigint, bytes: AccessSize) => BigInt.asIntN(64, cpu.read(address, bytes)),
      store: (address: bigint, value: bigint, bytes: AccessSize) =>
        cpu.write(address, bytes, BigInt.asUintN(8 * bytes, value)),
      fallBack: (op: number) => this.#fallBack(op),
      landing: () => checkLanding(cpu, this.word),
      misalignedSp: () => {
        throw new GuestException(exceptionClass.spAlignment, 0);
      },
      trap: (ec: number) => {
        throw trapped(ec);
      },
    };
  }

  #decode(op: number) {
    if (op === this.#stepEnd) throw stepped;
    const at = this.code.instructionOf(op);
    const inPage = at % pageSize;
    if (op !== this.#passed && this.cpu.debug.offsets.has(inPage)) {
      // It stays undecoded, so that it comes here each time.
      throw breakpointOffset;
    }
    this.#writeOp(op, at);
  }

  /** @param at the instruction that the op stands for */
  #writeOp(op: number, at = this.code.instructionOf(op)) {
    const word = this.#opFields.getUint32(at, true);
    this.decoder.writeOp(this.#opFields, op, word, at % pageSize, this.#nextToFuse(op, at));
    this.#prepare(op);
  }

  /** The instruction after this one, where nothing is to happen between the two. */
  #nextToFuse(op: number, at: number): number | undefined {
    const next = at % pageSize + instructionSize;
    if (next >= pageSize || op + opSize === this.#stepEnd || this.cpu.debug.offsets.has(next)) {
      return undefined;
    }
    return this.#opFields.getUint32(at + instructionSize, true);
  }

  #run(op: number): number {
    const { cpu } = this;
    cpu.pc = this.#addressOf(op);
    const index = this.#opFields.getUint16(op + opField.operands[0], true);
    const definition = this.decoder.definitions[index];
    if (index === undefinedInstruction || !definition?.run) {
      throw new GuestException(exceptionClass.unknown, 0);
    }
    const word = this.#opFields.getUint32(op + opField.immediate, true);
    if (definition.uses) this.#checkUse(definition.uses);
    this.host.runs?.(cpu, definition, word);
    return wentOn[definition.run(cpu, fieldsOf(definition.pattern, word)) ?? "next"];
  }

  /** Throws the exception that an FP or SVE instruction takes where they trap. */
  #checkUse(registers: "fp" | "sve") {
    const { cpu } = this;
    const trap = cpu.u32(registers === "sve" ? cpuWord.sveTrap : cpuWord.fpTrap);
    if (trap !== 0) throw trapped(trap);
    if (registers === "sve") cpu.setU32(cpuWord.upperInUse, 1);
  }

  #fallBack(op: number) {
    const { cpu } = this;
    cpu.pc = this.#addressOf(op);
    const word = this.#opFields.getUint32(this.code.instructionOf(op), true);
    const definition = this.decoder.find(word);
    if (!definition?.run) throw new GuestException(exceptionClass.unknown, 0);
    definition.run(cpu, fieldsOf(definition.pattern, word));
  }

  #addressOf(op: number): bigint {
    return BigInt.asUintN(64, this.cpu.u64(cpuWord.pageBias) + BigInt(op / 2 ** opShift));
  }

  /** The instruction that threw, or that runs. */
  get word(): number {
    const op = this.cpu.number(cpuWord.op);
    return this.#opFields.getUint32(this.code.instructionOf(op), true);
  }

  /** Instructions that were run, for the instruction that runs: those before it. */
  get retired(): number {
    if (this.#given === 0) return this.executed;
    return this.executed + this.#given - this.#left();
  }

  /** The same, the instruction that runs counted in. */
  get begun(): number {
    return this.#given === 0 ? this.executed : this.retired + 1;
  }

  /**
   * Runs about so many instructions, fewer if an instruction leaves the engine. What is thrown and is no GuestException
   * leaves it, the PC at its instruction: `notLoaded` among it, before an instruction whose definition is to be added.
   */
  run(budget: number) {
    this.#until = this.executed + budget;
    while (this.executed < this.#until) {
      if (this.#runOnce(this.#until - this.executed) === stopped.left) return;
    }
    const op = this.#knownOp();
    if (op !== undefined && this.cpu.debug.offsets.size === 0) this.#regions.found(op);
  }

  /** Compiles the code at the PC, as though the vcpu had often been found there. */
  compile() {
    const op = this.#opAtPc();
    if (op !== undefined) this.#regions.compile(op);
  }

  /** How many there now are. */
  get regions(): number {
    return this.#regions.count;
  }

  /** For an instruction that runs: `run` returns after about so many more, at least 1, if it was not to before. */
  shorten(instructions: number) {
    if (this.#given === 0) return;
    const cut = this.#left() - 1 - instructions;
    if (cut <= 0) return;
    const { cpu } = this;
    cpu.setU64(cpuWord.limit, cpu.u64(cpuWord.limit) - BigInt(cut * opSize));
    this.#given -= cut;
    this.#until -= cut;
  }

  /** The instruction at the PC; none where fetching it took an exception instead. */
  fetchWord(): number | undefined {
    const op = this.#opAtPc();
    return op === undefined ? undefined : this.#opFields.getUint32(this.code.instructionOf(op), true);
  }

  /**
   * As `run` of one instruction, with no heed of breakpoints: the op after it is made one that is to be decoded, and
   * decoding ends the step. False where the instruction leaves the engine.
   */
  step(): boolean {
    const op = this.#opAtPc();
    if (op === undefined) return true;
    const executed = this.executed;
    let ran = 1;
    this.#stepEnd = this.#armStepEnd(op);
    this.#passed = op;
    try {
      return this.#runOnce(1) !== stopped.left;
    } catch (thrown) {
      if (thrown === notLoaded) ran = 0;
      if (thrown !== stepped) throw thrown;
      return true;
    } finally {
      this.#stepEnd = this.#passed = noOp;
      if (this.cpu.debug.offsets.size > 0) this.code.forgetOffsets(this.cpu.debug.offsets);
      this.executed = executed + ran;
    }
  }

  /**
   * The last op of a page goes on by a jump, which ends a step by itself. The op is decoded anew: it must not stand for
   * the next instruction too.
   */
  #armStepEnd(op: number): number {
    const end = op + opSize;
    this.#opFields.setUint16(op + opField.handler, handlers.decode, true);
    const isPageEnd = (end - this.code.base) % opPageSize === pageEndOp;
    if (isPageEnd) return noOp;
    this.#opFields.setUint16(end + opField.handler, handlers.decode, true);
    return end;
  }

  /** Finds the op as the generated code does, and fetches where that would. */
  #opAtPc(): number | undefined {
    const known = this.#knownOp();
    if (known !== undefined) return known;
    this.#fetch();
    return this.#knownOp();
  }

  #knownOp(): number | undefined {
    const { cpu } = this;
    const address = cpu.pc;
    const index = Number(BigInt.asUintN(32, address)) >>> pageBits & codeEntries - 1;
    const entry = codeEntriesAt + index * codeEntry.size;
    const tag = address & BigInt.asUintN(64, -BigInt(pageSize) | 3n) | BigInt(cpu.pstate & levelField);
    if (cpu.u64(entry + codeEntry.tag) !== tag) return undefined;
    return Number(cpu.u64(entry + codeEntry.ops)) + (Number(address & BigInt(pageSize - 1)) << opShift);
  }

  #runOnce(budget: number): number {
    const { cpu } = this;
    try {
      this.#given = budget;
      const reason = this.#main(cpu.base, budget);
      this.executed = this.retired;
      this.#given = 0;
      if (reason === stopped.fetch) this.#fetch();
      return reason;
    } catch (exception) {
      const op = cpu.number(cpuWord.op);
      this.executed = this.retired + 1;
      this.#given = 0;
      cpu.pc = this.#addressOf(op);
      if (exception === breakpointOffset || exception === notLoaded) this.executed--;
      if (!(exception instanceof GuestException)) throw exception;
      this.#restoreBranchType(op);
      this.host.enter(cpu, exception);
      return stopped.budget;
    }
  }

  /** How many instructions are still to be run, the one that now runs among them. */
  #left(): number {
    const { cpu } = this;
    return (cpu.number(cpuWord.limit) - cpu.number(cpuWord.op)) / opSize;
  }

  /** Where an indirect branch led to the instruction that takes an exception: PSTATE.BTYPE is still its. */
  #restoreBranchType(op: number) {
    const { cpu } = this;
    const isFirst = cpu.number(cpuWord.arrivalDistance) === cpu.number(cpuWord.limit) - op;
    if (isFirst) cpu.pstate |= cpu.u32(cpuWord.arrivalType);
  }

  #fetch() {
    const { cpu, host } = this;
    try {
      if (cpu.pc & 3n) throw new GuestException(exceptionClass.pcAlignment, 0, cpu.pc);
      this.code.enter(cpu.pc, host.codePage(cpu), cpu.pstate & levelField);
    } catch (exception) {
      if (!(exception instanceof GuestException)) throw exception;
      // A guest whose vector is nowhere takes such exceptions for ever: each counts, so that the budget ends.
      this.executed++;
      host.enter(cpu, exception);
    }
  }
}

/** What all vcpus of a machine run. */
export interface EngineProgram {
  readonly decoder: Decoder;
  readonly module: WebAssembly.Module;
  /** Of the memory that it runs over. */
  readonly pages: number;
  /** The module of an instruction that is not hot, but was met. */
  coldModule(handler: number): WebAssembly.Module;
}

/** @param hot the forms of a decoder's hot instructions */
export const engineModule = (hot: readonly Form[], pages: number): WebAssembly.Module =>
  new WebAssembly.Module(generateInterpreter(hot, pages));

/** @param module of the same hot instructions, where another thread has made it */
export function engineProgram(
  decoder: Decoder,
  pages: number,
  module = engineModule(decoder.hot, pages),
): EngineProgram {
  const modules = new Map<number, WebAssembly.Module>();
  return {
    decoder,
    module,
    pages,
    coldModule(handler) {
      let known = modules.get(handler);
      if (!known) {
        known = new WebAssembly.Module(generateCold(decoder.coldForm(handler), pages));
        modules.set(handler, known);
      }
      return known;
    },
  };
}
