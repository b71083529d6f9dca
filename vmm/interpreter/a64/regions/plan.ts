// Which instructions of a page a region is made of, and how they follow each other: those that are reached from where
// execution was found to be often, as far as one page goes.

import { pageSize } from "../cpu_layout.ts";
import { type Decoder, fusedConditionOf, withPseudoFields } from "../decoder.ts";
import { instructionSize } from "../op.ts";
import { fieldsOf } from "../pattern.ts";
import type { KnownInstruction } from "./region_target.ts";
import { surveyOf, type Uses } from "./survey.ts";

/** By its byte offset in the page. */
export interface Instruction extends Surveyed {
  readonly at: number;
  /** Of a branch to an offset: the offset in the page that it goes to, which may lie outside. */
  readonly to: number | undefined;
  /** Of a comparison: the condition of the branch after it, if both are done as one. */
  readonly fusedCondition: number | undefined;
}

export interface Block {
  /** Of the first instruction, and of the one after the last. */
  readonly at: number;
  readonly end: number;
  readonly instructions: readonly Instruction[];
  /** Whether the interpreter runs the instruction at `end`, or whatever else is there. */
  readonly leaves: boolean;
}

export interface Plan {
  /** In the order of their places. */
  readonly blocks: readonly Block[];
  /** Where the interpreter may come from, beside loops' beginnings. */
  readonly entries: ReadonlySet<number>;
}

const linkRegister = 1 << 30;
/** Bytes of WebAssembly: larger functions take too long to be optimised. */
const mostBytes = 40_000;
const mostInstructions = 600;
const mostWords = 50_000;

interface Surveyed extends KnownInstruction {
  readonly uses: Uses;
}

/** What was found out about words before: most come again. */
export class KnownWords {
  /** None for what the interpreter alone runs. */
  readonly #words = new Map<number, Surveyed | undefined>();

  constructor(readonly decoder: Decoder) {}

  find(word: number): Surveyed | undefined {
    if (this.#words.has(word)) return this.#words.get(word);
    if (this.#words.size === mostWords) this.#words.clear();
    const surveyed = this.#survey(word);
    this.#words.set(word, surveyed);
    return surveyed;
  }

  #survey(word: number): Surveyed | undefined {
    const definition = this.decoder.find(word);
    if (!definition?.emit) return undefined;
    const fields = withPseudoFields(fieldsOf(definition.pattern, word));
    return { definition, fields, uses: surveyOf({ definition, fields }) };
  }
}

export class Planner {
  readonly #instructions = new Map<number, Instruction>();
  /** Where blocks begin. */
  readonly #leaders = new Set<number>();
  readonly #entries = new Set<number>();
  readonly #waiting: number[] = [];
  #bytes = 0;

  /** @param wordAt of the page's instructions, by byte offset */
  constructor(readonly known: KnownWords, readonly wordAt: (at: number) => number) {}

  plan(entry: number): Plan {
    this.#enter(entry);
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#follow(next);
    }
    return { blocks: this.#blocks(), entries: this.#entries };
  }

  #lead(at: number) {
    if (at < 0 || at >= pageSize || this.#leaders.has(at)) return;
    this.#leaders.add(at);
    this.#waiting.push(at);
  }

  #enter(at: number) {
    if (at < pageSize) this.#entries.add(at);
    this.#lead(at);
  }

  #follow(from: number) {
    for (
      let at = from;
      at < pageSize && !this.#instructions.has(at) && !this.#isFull;
      at += instructionSize
    ) {
      const instruction = this.#instructionAt(at);
      if (!instruction) return this.#enter(at + instructionSize);
      this.#instructions.set(at, instruction);
      const { uses, to } = instruction;
      this.#bytes += uses.bytes;
      if (!uses.branches) continue;
      if (to !== undefined) this.#lead(to);
      if (uses.writes & linkRegister) return this.#enter(at + instructionSize);
      if (uses.alwaysBranches) return;
    }
  }

  get #isFull() {
    return this.#bytes > mostBytes || this.#instructions.size >= mostInstructions;
  }

  /** None where it is for the interpreter. */
  #instructionAt(at: number): Instruction | undefined {
    const surveyed = this.known.find(this.wordAt(at));
    if (!surveyed) return undefined;
    const { definition, fields } = surveyed;
    const offset = definition.branchOffset?.(fields);
    const isFusible = definition.emitCompared !== undefined && at + instructionSize < pageSize;
    return {
      ...surveyed,
      at,
      to: offset === undefined ? undefined : at + offset,
      fusedCondition: isFusible ? fusedConditionOf(this.wordAt(at + instructionSize)) : undefined,
    };
  }

  #blocks(): Block[] {
    const blocks: Block[] = [];
    for (const at of [...this.#leaders].sort((a, b) => a - b)) {
      const instructions: Instruction[] = [];
      let end = at;
      let one = this.#instructions.get(end);
      while (one) {
        instructions.push(one);
        end += instructionSize;
        if (one.uses.alwaysBranches || this.#leaders.has(end)) break;
        one = this.#instructions.get(end);
      }
      const last = instructions.at(-1);
      if (!last) continue;
      const leaves = !last.uses.alwaysBranches && !this.#instructions.has(end);
      blocks.push({ at, end, instructions, leaves });
    }
    return blocks;
  }
}
