// What an instruction does, in one sentence, by its mnemonic: for people who read a word or a trace. The definition
// beside it is what is executed (Arm DDI 0487, "Alphabetical list of A64 base instructions" and those of AdvSIMD
// and SVE).

import { crypto } from "./meanings/crypto.ts";
import { floats } from "./meanings/floats.ts";
import { integer } from "./meanings/integer.ts";
import { memory } from "./meanings/memory.ts";
import { predicates } from "./meanings/predicates.ts";
import { system } from "./meanings/system.ts";
import { vectors } from "./meanings/vectors.ts";

const rules = [
  ...integer,
  ...memory,
  ...system,
  ...crypto,
  ...floats,
  ...predicates,
  ...vectors,
];

/** The sentence for a definition's name; undefined where there is none. */
export function meaningOf(name: string): string | undefined {
  const [mnemonic = name] = name.split(/[ ,]/);
  for (const [pattern, sentence] of rules) {
    const found = pattern.exec(mnemonic);
    if (!found) continue;
    const text = typeof sentence === "string" ? sentence : sentence(found);
    return [text, ...remarks(name, mnemonic)].join(" ");
  }
  return undefined;
}

const setsFlags = /^(ADD|SUB|AND|BIC|ADC|SBC)S$/;

function remarks(name: string, mnemonic: string): string[] {
  return [
    ...setsFlags.test(mnemonic) ? ["The flags N, Z, C and V say what it gave."] : [],
    ...name.includes("post-indexed") ? ["The base register moves on afterwards."] : [],
    ...name.includes("pre-indexed") ? ["The base register moves first."] : [],
    ...name.includes("predicated") && !name.includes("unpredicated")
      ? ["Only the active lanes take part."]
      : [],
  ];
}
