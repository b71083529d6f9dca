// PRFB, PRFH, PRFW and PRFD (Arm DDI 0487, "SVE encodings", the prefetches of "SVE Memory - 32-bit Gather and
// Unsized Contiguous" and "SVE Memory - 64-bit Gather"): hints, which here do nothing and cannot fault.

import type { Definition, Fields } from "../definition.ts";
import { signed } from "./assembly_names.ts";
import { sve } from "./sve_assembly.ts";
import { bases, doublewords, type GatherMode, unpackedWords, words } from "./sve_gather_modes.ts";
import { immediateAddress, registerAddress } from "./sve_load_store_contiguous.ts";

/** "pldl1keep", or the number where it has no name. */
function operation({ prfop }: Fields): string {
  const level = (prfop! >> 1 & 3) + 1;
  if (level === 4) return `#${prfop}`;
  return `${prfop! & 8 ? "pst" : "pld"}l${level}${prfop! & 1 ? "strm" : "keep"}`;
}

function prefetch(
  msz: number,
  name: string,
  encoding: string,
  text: (fields: Fields) => string,
  valid?: (fields: Fields) => boolean,
): Definition {
  const mnemonic = `prf${"bhwd"[msz]}`;
  return sve(
    `${mnemonic.toUpperCase()} (${name})`,
    encoding.replace("msz", msz.toString(2).padStart(2, "0")),
    {
      ...(valid && { valid }),
      assembly: (f) => `${mnemonic} ${operation(f)}, p${f.Pg}, ${text(f)}`,
      run: () => {},
    },
  );
}

const gathers: readonly (readonly [GatherMode, string])[] = [
  [words.scaled, "1000010 00 xs:1 1 Zm:5 0msz Pg:3 Rn:5 0 prfop:4"],
  [unpackedWords.scaled, "1100010 00 xs:1 1 Zm:5 0msz Pg:3 Rn:5 0 prfop:4"],
  [doublewords.scaled, "1100010 00 11 Zm:5 1msz Pg:3 Rn:5 0 prfop:4"],
  [bases.words, "1000010 msz 00 imm5:5 111 Pg:3 Zn:5 0 prfop:4"],
  [bases.doublewords, "1100010 msz 00 imm5:5 111 Pg:3 Zn:5 0 prfop:4"],
];

export const svePrefetch: readonly Definition[] = [0, 1, 2, 3].flatMap((msz) => [
  ...gathers.map(([mode, encoding]) => prefetch(msz, mode.name, encoding, (f) => mode.text(f, msz))),
  prefetch(
    msz,
    "scalar plus scalar",
    "1000010 msz 00 Rm:5 110 Pg:3 Rn:5 0 prfop:4",
    (f) => registerAddress(f, msz),
    ({ Rm }) => Rm !== 31,
  ),
  prefetch(
    msz,
    "scalar plus immediate",
    "1000010 11 1 imm6:6 0msz Pg:3 Rn:5 0 prfop:4",
    (f) => immediateAddress(f, signed(f.imm6!, 6)),
  ),
]);
