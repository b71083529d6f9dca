// Sees what a vcpu does and tells a trace. It stands around what the vcpu was to be given, so that a vcpu nobody
// watches has nothing of it.

import {
  describeTaken,
  exceptionLevel,
  isInterrupt,
  syndrome,
  type TakenException,
} from "../../kvm/syndrome.ts";
import type { Place, Trace } from "../../kvm/trace.ts";
import type { Cpu, VirtualMemory } from "../a64/cpu.ts";
import type { Definition } from "../a64/definition.ts";
import type { Engine, EngineHost } from "../a64/engine.ts";
import { lastException } from "../a64/exception_history.ts";
import { assemblyOf } from "../a64/explanation.ts";
import { lastTranslation } from "../a64/mmu.ts";
import { regimeOf } from "../a64/mmu_regime.ts";
import type { CpuSurroundings } from "../a64/surroundings.ts";
import type { Watch } from "../watch.ts";
import { answerOf, calledFunction, formatCall } from "./hypercall_trace.ts";
import { InstructionWitness } from "./instruction_witness.ts";
import { InterruptWitness } from "./interrupt_witness.ts";
import { MemoryAccesses } from "./memory_accesses.ts";

const hex = (value: bigint | number) => "0x" + value.toString(16);

export class Witness implements Watch {
  readonly #accesses: MemoryAccesses | undefined;
  #place = (): Place => ({ vcpu: this.vcpu });
  #interrupts: InterruptWitness | undefined;
  #instructions: InstructionWitness | undefined;

  /**
   * @param vcpu its number
   * @param memory what its addresses go through
   */
  constructor(readonly trace: Trace, readonly vcpu: number, memory: VirtualMemory) {
    const below = trace.has("tlb") ? this.#tellingFills(memory) : memory;
    this.#accesses = trace.has("insn") ? new MemoryAccesses(below) : undefined;
    this.memory = this.#accesses ?? below;
  }

  /** In place of the one that was given. */
  readonly memory: VirtualMemory;

  surroundings(around: CpuSurroundings): CpuSurroundings {
    const { trace } = this;
    const interrupts = trace.has("irq") ? new InterruptWitness(trace, around) : undefined;
    this.#interrupts = interrupts;
    return {
      ...around,
      ...interrupts?.surroundings(),
      tookException: (cpu) => this.#tellException(cpu),
      ...trace.has("psci")
        ? { hvc: (cpu: Cpu, immediate: number) => this.#callOut(around, cpu, immediate) }
        : {},
    };
  }

  host(host: EngineHost): EngineHost {
    if (!this.trace.has("tlb")) return host;
    return {
      ...host,
      codePage: (cpu) => {
        const offset = host.codePage(cpu);
        this.#tellFill(cpu, cpu.pc, "fetch");
        return offset;
      },
      runs: (cpu, definition, word) => {
        host.runs?.(cpu, definition, word);
        this.#tellMaintenance(cpu, definition, word);
      },
    };
  }

  /** Watches the engine that was made with `memory`, `surroundings` and `host`. */
  attach(engine: Engine) {
    const { cpu } = engine;
    this.#place = () => ({
      vcpu: this.vcpu,
      instructions: engine.begun,
      pc: cpu.pc,
      el: exceptionLevel(cpu.pstate),
    });
    const steps = this.trace.has("insn") || this.trace.isWaiting;
    if (steps) this.#instructions = new InstructionWitness(this.trace, engine, this.#accesses);
  }

  /** In place of the engine's own `run`. */
  run(engine: Engine, budget: number) {
    // Vcpus may take turns on this thread.
    this.trace.place = this.#place;
    this.#interrupts?.look(engine.cpu);
    if (this.#instructions && !this.trace.isOver) this.#instructions.run(budget);
    else engine.run(budget);
  }

  #tellException(cpu: Cpu) {
    const { trace } = this;
    const taken = lastException(cpu);
    trace.place = this.#place;
    this.#instructions?.interrupt();
    if (isInterrupt(taken)) this.#interrupts?.look(cpu);
    const place = { ...trace.place(), pc: taken.pc, el: exceptionLevel(taken.spsr) };
    if (trace.has("tlb")) this.#tellFault(taken, place);
    if (!trace.has("exception")) return;
    const { class: ec, className, details, hasAddress } = syndrome(taken.esr);
    const synchronous = {
      esr: hex(taken.esr),
      class: ec,
      className,
      syndrome: details,
      ...hasAddress ? { far: hex(taken.far) } : {},
    };
    trace.tell("exception", describeTaken(taken), {
      kind: taken.kind,
      ...isInterrupt(taken) ? {} : synchronous,
      from: exceptionLevel(taken.spsr),
      to: exceptionLevel(cpu.pstate),
      vector: hex(taken.vector),
      returnAddress: hex(taken.returnAddress),
      spsr: hex(taken.spsr),
    }, place);
  }

  #tellFault(taken: TakenException, place: Place) {
    const { details, hasAddress } = syndrome(taken.esr);
    const isOfTranslation = hasAddress && !isInterrupt(taken) && /fault|walk/.test(details);
    if (!isOfTranslation) return;
    this.trace.tell("tlb", `${details} at ${hex(taken.far)}`, { fault: details, far: hex(taken.far) }, place);
  }

  #callOut(around: CpuSurroundings, cpu: Cpu, immediate: number) {
    const place = this.trace.place();
    const called = calledFunction(cpu);
    const after = around.hvc(cpu, immediate);
    // A vcpu or a system that turns itself off sees no answer.
    const ends = /_OFF$|SYSTEM_RESET/.test(called.function) && answerOf(cpu) !== "NOT_SUPPORTED";
    const answer = ends ? undefined : answerOf(cpu);
    const text = formatCall(called) + (answer === undefined ? "" : ` = ${answer}`);
    this.trace.tell("psci", text, { ...called, ...answer === undefined ? {} : { answer } }, place);
    return after;
  }

  #tellMaintenance(cpu: Cpu, definition: Definition, word: number) {
    const text = definition.name === "SYS" ? assemblyOf(definition, word) : "";
    if (!text.startsWith("tlbi")) return;
    const [operation = text] = text.split(",");
    const operand = text.includes(",") ? hex(cpu.readX(word & 0x1f)) : undefined;
    this.trace.tell("tlb", operand === undefined ? operation : `${operation}, ${operand}`, {
      operation,
      ...operand === undefined ? {} : { operand },
    });
  }

  #tellingFills(memory: VirtualMemory): VirtualMemory {
    return {
      read: (cpu, address, bytes) => {
        const value = memory.read(cpu, address, bytes);
        this.#tellFill(cpu, address, "read");
        return value;
      },
      write: (cpu, address, bytes, value) => {
        memory.write(cpu, address, bytes, value);
        this.#tellFill(cpu, address, "write");
      },
    };
  }

  /** Of the translation that was looked up last. */
  #tellFill(cpu: Cpu, address: bigint, access: "read" | "write" | "fetch") {
    if (!regimeOf(cpu).isOn) return;
    const { physical, mappedBits, readable, writable, executable, isDevice, isGlobal } = lastTranslation;
    const may = (readable ? "r" : "-") + (writable ? "w" : "-") + (executable ? "x" : "-");
    const memory = isDevice ? "Device" : "Normal";
    const size = 2 ** mappedBits;
    this.trace.tell(
      "tlb",
      `${access} at ${hex(address)} goes to ${hex(physical)}: ${may}, ${memory}, ` +
        `${isGlobal ? "global" : "of an ASID"}, mapped by ${hex(size)} bytes`,
      {
        access,
        address: hex(address),
        physical: hex(physical),
        permissions: may,
        memory,
        isGlobal,
        mappedBytes: size,
      },
    );
  }
}
