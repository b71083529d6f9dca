// Arm DDI 0487, "SVE encodings", "SVE Permute Predicate": as the lanes of vectors, with all the bits of each.

import type { Cpu } from "../cpu.ts";
import type { Definition } from "../definition.ts";
import { p, sve } from "./sve_assembly.ts";
import { type Interleaving, interleavings } from "./sve_permute.ts";
import { predicateOf, setPredicate } from "./sve_registers.ts";

/** The bits of a predicate's lanes. */
function lanesOf(cpu: Cpu, Pn: number, size: number): boolean[][] {
  const bits = predicateOf(cpu, Pn, 0);
  return Array.from({ length: bits.length >> size }, (_, lane) => bits.slice(lane << size, lane + 1 << size));
}

const definition = (name: string, encoding: string, interleaving: Interleaving): Definition =>
  sve(`${name} (predicates)`, `00000101 size:2 10 Pm:4 010 ${encoding} 0 Pn:4 0 Pd:4`, {
    assembly: ({ Pd, Pn, Pm, size }) =>
      `${name.toLowerCase()} ${p(Pd!, size!)}, ${p(Pn!, size!)}, ${p(Pm!, size!)}`,
    run(cpu, { Pd, Pn, Pm, size }) {
      const n = lanesOf(cpu, Pn!, size!), m = lanesOf(cpu, Pm!, size!);
      const result = n.flatMap((_, lane) => {
        const [isSecond, from] = interleaving(lane, n.length)!;
        return (isSecond ? m : n)[from]!;
      });
      setPredicate(cpu, Pd!, 0, result);
    },
  });

const unpack = (name: string, H: 0 | 1): Definition =>
  sve(name, `00000101 00 11000 ${H} 0100000 Pn:4 0 Pd:4`, {
    assembly: ({ Pd, Pn }) => `${name.toLowerCase()} ${p(Pd!, 1)}, ${p(Pn!, 0)}`,
    run(cpu, { Pd, Pn }) {
      const bits = predicateOf(cpu, Pn!, 0), half = bits.length / 2;
      setPredicate(cpu, Pd!, 1, bits.slice(H * half, (H + 1) * half));
    },
  });

export const svePermutePredicate: readonly Definition[] = [
  ...Object.entries(interleavings).flatMap(([name, of], index) =>
    ([0, 1] as const).map((part) =>
      definition(`${name}${part + 1}`, index.toString(2).padStart(2, "0") + part, of(part))
    )
  ),
  sve("REV (predicate)", "00000101 size:2 110100 0100000 Pn:4 0 Pd:4", {
    assembly: ({ Pd, Pn, size }) => `rev ${p(Pd!, size!)}, ${p(Pn!, size!)}`,
    run: (cpu, { Pd, Pn, size }) => setPredicate(cpu, Pd!, 0, lanesOf(cpu, Pn!, size!).reverse().flat()),
  }),
  unpack("PUNPKLO", 0),
  unpack("PUNPKHI", 1),
];
