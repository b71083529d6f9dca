// What sentences about instructions are made of.

/** Of the mnemonic's parts, where they tell what the sentence is. */
export type Sentence = string | ((parts: RegExpExecArray) => string);
export type Rule = readonly [mnemonic: RegExp, sentence: Sentence];

const signs: Readonly<Record<string, string>> = {
  S: "signed",
  U: "unsigned",
  SU: "mixed-sign",
  US: "mixed-sign",
};
export const signOf = (letter: string | undefined) => signs[letter ?? ""] ?? "";
export const words = (...parts: readonly (string | false | undefined)[]) => parts.filter(Boolean).join(" ");
