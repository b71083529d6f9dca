// The words of a script's line, taken one after another; what is wrong with one is said in a sentence.

import { RequestError } from "../kvm/request_error.ts";

/** Throws RequestError; whoever has the line adds where it is. */
export function wrong(sentence: string): never {
  throw new RequestError("script", sentence);
}

export class Words {
  #at = 0;

  constructor(readonly words: readonly string[]) {}

  get isEmpty(): boolean {
    return this.#at >= this.words.length;
  }

  /** @param what stands for the word in the line's form: `REGISTER` */
  next(what: string): string {
    return this.words[this.#at++] ?? wrong(`${what} is missing`);
  }

  rest(): string[] {
    const rest = this.words.slice(this.#at);
    this.#at = this.words.length;
    return rest;
  }

  /** A number from 0 to `most`. */
  number(what: string, most = 0xffff_ffff): number {
    return Number(this.big(what, BigInt(most)));
  }

  big(what: string, most = 0xffff_ffff_ffff_ffffn): bigint {
    return parseNumber(this.next(what), what, most);
  }

  /** One of a table's names, with or without the prefix that they have in common. */
  named<T>(what: string, table: Readonly<Record<string, T>>, prefix: string): T {
    const word = this.next(what);
    const name = findName(word, table, prefix);
    return name !== undefined
      ? table[name]!
      : wrong(`"${word}" is no ${what}; they are ${names(table, prefix)}`);
  }

  /** To be called when nothing more is due. */
  end() {
    if (!this.isEmpty) wrong(`"${this.words[this.#at]}" is too much here`);
  }
}

export function findName(word: string, table: object, prefix: string): string | undefined {
  const upper = word.toUpperCase();
  return [upper, prefix + upper].find((name) => Object.hasOwn(table, name));
}

const names = (table: object, prefix: string) =>
  Object.keys(table).map((name) => name.replace(prefix, "")).join(", ");

export function parseNumber(word: string, what: string, most: bigint): bigint {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(word)) {
    wrong(`"${word}" is no ${what}; it is a number, as 16 or 0x10`);
  }
  const value = BigInt(word);
  return value <= most ? value : wrong(`${word} is too large a ${what}: at most 0x${most.toString(16)}`);
}
