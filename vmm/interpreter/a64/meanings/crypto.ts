// Of ciphers and hashes.

import type { Rule } from "./rule.ts";

export const crypto: readonly Rule[] = [
  [/^AES(E|D|MC|IMC)/, ([, kind]) =>
    ({
      E: "Part of a round of AES encryption: adds the key, substitutes and shifts.",
      D: "Part of a round of AES decryption: adds the key, and undoes substitution and shift.",
      MC: "The other part of a round of AES encryption: mixes the columns.",
      IMC: "The other part of a round of AES decryption: unmixes the columns.",
    })[kind!]!],
  [/^SHA(1|256|512)/, ([, size]) => `A step of SHA-${size}: of its rounds or of its message schedule.`],
  [/^(RAX1|EOR3|BCAX|XAR)$/, "Exclusive OR of several operands, rotated or masked, as SHA-3 needs it."],
  [/^SM3/, "A step of the hash SM3."],
  [/^SM4/, "A step of the cipher SM4: rounds, or its key schedule."],
];
