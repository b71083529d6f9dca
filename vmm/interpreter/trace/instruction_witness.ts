// Runs a vcpu one instruction at a time and tells each, with the registers it changed and the memory it reached.

import type { Place, Trace } from "../../kvm/trace.ts";
import { breakpointHere } from "../a64/debug_exceptions.ts";
import type { Definition } from "../a64/definition.ts";
import type { Engine } from "../a64/engine.ts";
import { assemblyOf, hexWord } from "../a64/explanation.ts";
import { deviceAccess } from "../device_access.ts";
import { formatAccess, type MemoryAccesses } from "./memory_accesses.ts";
import { RegisterChanges } from "./register_changes.ts";

/** Instructions between two looks at what else there is to do: each takes some microseconds. */
const slice = 500;

/** Of the assembly, before what it changed. */
const columns = 30;

interface Begun {
  readonly word: number;
  readonly definition: Definition | undefined;
  readonly place: Place;
}

export class InstructionWitness {
  readonly #changes: RegisterChanges;
  /** One that waits for a device's answer: it completes when the vcpu is run again. */
  #unfinished: Begun | undefined;
  #tookException = false;

  /** @param accesses none where instructions are only looked for, not told */
  constructor(
    readonly trace: Trace,
    readonly engine: Engine,
    readonly accesses: MemoryAccesses | undefined,
  ) {
    this.#changes = new RegisterChanges(engine.cpu);
  }

  /** What is thrown out of the engine leaves it. */
  run(budget: number) {
    if (this.#unfinished) this.#finish(this.#unfinished);
    for (let left = Math.min(budget, slice); left > 0 && !this.trace.isOver; left--) {
      if (!this.#step()) return;
    }
  }

  /** The instruction that runs takes an exception. */
  interrupt() {
    this.#tookException = true;
  }

  #step(): boolean {
    const { engine, trace } = this;
    const { cpu } = engine;
    if (trace.isWaiting && cpu.pc === trace.bounds.from) trace.begin();
    const word = engine.fetchWord();
    if (word === undefined) return true;
    const breakpoint = cpu.debug.offsets.size > 0 ? breakpointHere(cpu) : undefined;
    if (breakpoint) {
      engine.host.enter(cpu, breakpoint);
      return true;
    }
    if (trace.isWaiting || !this.accesses) return engine.step();
    const { instructions = 0, ...place } = trace.place();
    const definition = engine.decoder.find(word);
    const begun: Begun = {
      word,
      definition,
      place: { ...place, instructions: instructions + 1 },
    };
    this.accesses.expect(cpu, !definition?.run);
    this.#changes.remember(definition);
    trace.hold();
    this.#unfinished = begun;
    this.#tookException = false;
    try {
      const goesOn = engine.step();
      this.#finish(begun);
      return goesOn;
    } catch (leaving) {
      // A load from a device completes when the monitor has answered; all else has done what it does.
      if (deviceAccess(word)?.isWrite !== false) this.#finish(begun);
      throw leaving;
    }
  }

  #finish({ word, definition, place }: Begun) {
    const { trace, accesses } = this;
    this.#unfinished = undefined;
    // What an exception changes is told with the exception.
    const changes = this.#tookException ? {} : this.#changes.since(definition);
    const made = accesses?.made ?? [];
    const assembly = definition ? assemblyOf(definition, word) : "undefined";
    const effects = [
      ...Object.entries(changes).map(([name, value]) => `${name}=${value}`),
      ...made.map(formatAccess),
    ];
    const shown = effects.length ? assembly.padEnd(columns) : assembly;
    const text = [hexWord(word).slice(2), shown, ...effects.length ? [effects.join(", ")] : []].join("  ");
    trace.releaseAfter("insn", text, {
      word: hexWord(word),
      assembly,
      changes,
      memory: made.map(({ address, bytes, isWrite, value }) => ({
        address: "0x" + address.toString(16),
        bytes,
        isWrite,
        value: "0x" + value.toString(16),
      })),
    }, place);
  }
}
