// Of memory: loads, stores, atomics, and those of SVE.

import type { Rule } from "./rule.ts";

/** B, H, W, D of loads and stores. */
const units: Readonly<Record<string, string>> = {
  B: "a byte",
  H: "a halfword",
  W: "a word",
  D: "a doubleword",
  "": "a register",
};
const unitOf = (text: string | undefined) => {
  const extends_ = text?.startsWith("S") ? ", sign-extended," : "";
  return (units[(text ?? "").replace("S", "")] ?? "a register") + extends_;
};

export const memory: readonly Rule[] = [
  [
    /^LD(T|U)?R(SB|SH|SW|B|H)?$/,
    ([, kind, unit]) => `Loads ${unitOf(unit)} from memory${kind === "T" ? ", with EL0's permissions" : ""}.`,
  ],
  [
    /^ST(T|U)?R(B|H)?$/,
    ([, kind, unit]) => `Stores ${unitOf(unit)} to memory${kind === "T" ? ", with EL0's permissions" : ""}.`,
  ],
  [/^LD(P|PSW|NP)$/, "Loads two registers from adjacent places in memory."],
  [/^ST(P|NP)$/, "Stores two registers to adjacent places in memory."],
  [/^LDXR|^LDAXR/, "Loads and marks the address for exclusive access, for the store that is to follow."],
  [/^LD(A)?XP$/, "Loads two registers and marks the address for exclusive access."],
  [
    /^ST(L)?X[RP]/,
    "Stores if nobody else has touched the marked address since; Ws is 0 if it did, 1 if not.",
  ],
  [
    /^(LDAR|LDLAR|LDAPR|LDAPUR)(SB|SH|SW|B|H)?$/,
    "Loads, and is seen before every access that follows it (acquire).",
  ],
  [/^(STLR|STLLR|STLUR)(B|H)?$/, "Stores, and is seen after every access that went before (release)."],
  [
    /^CASP/,
    "Compares two registers with a pair in memory and, if they are equal, replaces it, atomically; the registers become what was there.",
  ],
  [
    /^CAS/,
    "Compares a register with memory and, if they are equal, stores another, atomically; the register becomes what was there.",
  ],
  [
    /^LD(ADD|CLR|EOR|SET|SMAX|SMIN|UMAX|UMIN)/,
    ([, kind]) =>
      `Loads from memory and stores back, atomically, ${
        ({
          ADD: "the sum with a register",
          CLR: "it with a register's set bits cleared",
          EOR: "its exclusive OR with a register",
          SET: "it with a register's set bits set",
          SMAX: "the signed maximum with a register",
          SMIN: "the signed minimum with a register",
          UMAX: "the unsigned maximum with a register",
          UMIN: "the unsigned minimum with a register",
        })[kind!]
      }.`,
  ],
  [/^SWP/, "Exchanges a register with memory, atomically."],
  [/^PRF/, "Says that the address will be used: a hint for the caches, which does nothing here."],
  [
    /^LD([1-4])R$/,
    ([, n]) =>
      `Loads ${n === "1" ? "an element" : `a structure of ${n} elements`} and fills all lanes of ${
        n === "1" ? "a register" : `${n} registers`
      } with it.`,
  ],
  [/^LD1R([BHWD]|S[BHW])$/, "Loads one element and fills all active lanes with it."],
  [
    /^LD1R([QO])[BHWD]$/,
    ([, unit]) => `Loads ${unit === "Q" ? 128 : 256} bits and repeats them through the whole vector.`,
  ],
  [
    /^LDFF1/,
    "Loads a vector; a fault of any element but the first clears FFR from there on instead of being taken.",
  ],
  [/^LDNF1/, "Loads a vector; a fault clears FFR from there on instead of being taken."],
  [
    /^(LD|ST)NT1/,
    ([, does]) => `${does === "LD" ? "Loads" : "Stores"} a vector that will not be used again soon.`,
  ],
  [
    /^(LD|ST)([1-4])[BHWDQ]?$|^LD(1)S[BHW]$/,
    ([, does = "LD", n = "1"]) =>
      `${does === "LD" ? "Loads" : "Stores"} ${
        n === "1"
          ? "elements of a vector"
          : `structures of ${n} elements, each element to or from a register of its own`
      }.`,
  ],
];
