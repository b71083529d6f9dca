// Arm DDI 0487, "SVE encodings", "SVE Integer Multiply-Add - Predicated": MLA and MLS to the addend's
// register, MAD and MSB to a factor's.

import type { Definition, Fields } from "../definition.ts";
import { addLanes, mulLanes, subLanes } from "../simd_vocabulary.ts";
import { merging, sve, z, zNames } from "./sve_assembly.ts";
import { quadwords } from "./sve_quadwords.ts";

/** @param names of the fields of the destination, the factors and the addend */
function multiplyAdd(name: string, op: 0 | 1, encoding: string, names: readonly string[]): Definition {
  const [Zd, Zn, Zm, Za] = names as [string, string, string, string];
  const others = names.slice(1).filter((each) => each !== Zd);
  return sve(name, `00000100 size:2 0 Zm:5 ${encoding}`, {
    assembly: (f: Fields) =>
      `${name.toLowerCase()} ${z(f[Zd]!, f.size!)}, ${merging(f)}, ${zNames(f, f.size!, ...others)}`,
    ...quadwords(
      { operands: [...new Set([Zd, Zn, Zm, Za])], sizes: [0, 1, 2, 3], isMerging: true },
      (size, of) => (op ? subLanes : addLanes)(size, of(Za), mulLanes(size, of(Zn), of(Zm))),
    ),
  });
}

export const sveMultiplyAdd: readonly Definition[] = [
  multiplyAdd("MLA", 0, "010 Pg:3 Zn:5 Zda:5", ["Zda", "Zn", "Zm", "Zda"]),
  multiplyAdd("MLS", 1, "011 Pg:3 Zn:5 Zda:5", ["Zda", "Zn", "Zm", "Zda"]),
  multiplyAdd("MAD", 0, "110 Pg:3 Za:5 Zdn:5", ["Zdn", "Zdn", "Zm", "Za"]),
  multiplyAdd("MSB", 1, "111 Pg:3 Za:5 Zdn:5", ["Zdn", "Zdn", "Zm", "Za"]),
];
