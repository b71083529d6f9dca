// Where QEMU 7.2 does not do what the manual says, so that it cannot be asked: instructions by their definitions'
// names, and the section of the manual (Arm DDI 0487).

import type { Definition } from "../../../../../vmm/interpreter/a64/definition.ts";
import { fieldsOf } from "../../../../../vmm/interpreter/a64/pattern.ts";
import type { Case } from "../oracle/case.ts";

interface Erratum {
  readonly name: RegExp;
  /** In bits, where only vectors longer than this are wrong. */
  readonly above?: number;
  /** Where only some cases are wrong: by the general registers `Rn` and `Rm`, and the log2 of a lane's bytes. */
  readonly where?: (n: bigint, m: bigint, size: number) => boolean;
  readonly section: string;
  readonly does: string;
}

const qemuErrata: readonly Erratum[] = [
  {
    name: /^UQXTN[BT] \(S\)$/,
    above: 512,
    section: "UQXTNB",
    does: "takes doublewords from 2^63 up for negative ones, and makes zero of them",
  },
  {
    name: /^WHILERW$/,
    where: (n, m, size) => n !== m && (n > m ? n - m : m - n) >> BigInt(size) === 0n,
    section: "WHILERW",
    does: "makes no lane active where the distance is not zero, but divided by the lane's bytes is",
  },
  {
    name: /^WHILEWR$/,
    where: (n, m, size) => m > n && m - n >> BigInt(size) === 0n,
    section: "WHILEWR",
    does: "the same",
  },
];

const general = (each: Case, n: number | undefined) => n === undefined ? 0n : each.x[n] ?? 0n;

/** Whether QEMU is wrong in this case; of vectors of so many bits. */
export function isWrongInQemu(definition: Definition, vectorLength: number, each: Case): boolean {
  const { Rn, Rm, size = 0 } = fieldsOf(definition.pattern, each.words[0]!);
  return qemuErrata.some(({ name, above = 0, where }) =>
    name.test(definition.name) && vectorLength > above &&
    (where?.(general(each, Rn), general(each, Rm), size) ?? true)
  );
}
