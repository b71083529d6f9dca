// PRFM and PRFUM in "Load/store register" of all kinds (Arm DDI 0487, "Loads and Stores"): hints, which here do
// nothing. They touch no memory, so that they cannot fault, nor is SP checked.

import { type Fields, instruction, type Meaning } from "../definition.ts";
import { sequence } from "../vocabulary.ts";
import { relative, signed } from "./assembly_names.ts";
import { offsetAddress } from "./load_store_names.ts";
import { indexedAddress } from "./load_store_register_offset.ts";

const kinds = ["pld", "pli", "pst"];
const policies = ["keep", "strm"];

/** "pldl1keep", or the number where it has no name. */
function operation({ Rt }: Fields): string {
  const kind = kinds[Rt! >>> 3], level = (Rt! >>> 1 & 3) + 1;
  if (kind === undefined || level === 4) return `#0x${Rt!.toString(16).padStart(2, "0")}`;
  return `${kind}l${level}${policies[Rt! & 1]}`;
}

const does: Pick<Meaning, "emit"> = { emit: () => sequence() };

const prefetch = (mnemonic: string, mode: string, encoding: string, address: (fields: Fields) => string) =>
  instruction(`${mnemonic.toUpperCase()} (${mode})`, encoding, {
    ...does,
    assembly: (f) => `${mnemonic} ${operation(f)}, ${address(f)}`,
  });

const unscaledOffset = ({ imm9 }: Fields) => signed(imm9!, 9);

const byRegister = ([option, name, index]: readonly [string, string, "w" | "x"]) =>
  prefetch(
    "prfm",
    `register ${name}`,
    `11 111 0 00 10 1 Rm:5 ${option} S:1 10 Rn:5 Rt:5`,
    (f) => indexedAddress(f, 3, name, index),
  );

export const prefetches = [
  prefetch(
    "prfm",
    "unsigned immediate",
    "11 111 0 01 10 imm12:12 Rn:5 Rt:5",
    (f) => offsetAddress(f, f.imm12! * 8),
  ),
  prefetch(
    "prfum",
    "unscaled",
    "11 111 0 00 10 0 imm9:9 00 Rn:5 Rt:5",
    (f) => offsetAddress(f, unscaledOffset(f)),
  ),
  prefetch("prfm", "literal", "11 011 0 00 imm19:19 Rt:5", (f) => relative(signed(f.imm19!, 19) * 4)),
  ...([
    ["010", "uxtw", "w"],
    ["011", "lsl", "x"],
    ["110", "sxtw", "w"],
    ["111", "sxtx", "x"],
  ] as const).map(byRegister),
];
