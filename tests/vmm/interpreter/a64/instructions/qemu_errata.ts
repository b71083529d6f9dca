// Where QEMU 7.2 does not do what the manual says, so that it cannot be asked: instructions by their definitions'
// names, and the section of the manual (Arm DDI 0487, "A64 SVE Instruction Descriptions", and the same in DDI 0602).

import type { Definition, Fields } from "../../../../../vmm/interpreter/a64/definition.ts";
import { fieldsOf } from "../../../../../vmm/interpreter/a64/pattern.ts";
import type { Case } from "../oracle/case.ts";

interface Erratum {
  readonly name: RegExp;
  /** In bits, where only vectors longer than this are wrong. */
  readonly above?: number;
  /** Where only some cases are wrong, by the encoding's fields. */
  readonly where: (each: Case, fields: Fields) => boolean;
  readonly section: string;
  readonly does: string;
}

/** Whether a doubleword of Zn is 2^63 or more. */
function hasHighBit({ v }: Case, { Zn }: Fields): boolean {
  const bytes = v.length / 32;
  return v.subarray(Zn! * bytes, (Zn! + 1) * bytes).some((byte, at) => at % 8 === 7 && byte >= 0x80);
}

/** From the address in Rn to that in Rm. */
const distance = ({ x }: Case, { Rn, Rm }: Fields) => (x[Rm!] ?? 0n) - (x[Rn!] ?? 0n);
const isWithinLane = (bytes: bigint, { size }: Fields) => bytes > 0n && bytes >> BigInt(size!) === 0n;

const qemuErrata: readonly Erratum[] = [
  {
    // Only its function for long vectors does, which it calls beyond four vectors of its host's.
    name: /^UQXTN[BT] \(S\)$/,
    above: 512,
    where: hasHighBit,
    section: "UQXTNB, UQXTNT",
    does: "takes doublewords from 2^63 up for negative ones, and makes zero of them",
  },
  {
    // The manual compares with 0 what is left of the distance after the division: all lanes are active.
    name: /^WHILERW$/,
    where: (each, fields) => {
      const bytes = distance(each, fields);
      return isWithinLane(bytes < 0n ? -bytes : bytes, fields);
    },
    section: "WHILERW",
    does: "makes no lane active where the distance is not zero, but divided by the lane's bytes is",
  },
  {
    name: /^WHILEWR$/,
    where: (each, fields) => isWithinLane(distance(each, fields), fields),
    section: "WHILEWR",
    does: "the same",
  },
];

/** Whether QEMU is wrong in this case; of vectors of so many bits. */
export function isWrongInQemu(definition: Definition, vectorLength: number, each: Case): boolean {
  const fields = fieldsOf(definition.pattern, each.words[0]!);
  return qemuErrata.some(({ name, above = 0, where }) =>
    name.test(definition.name) && vectorLength > above && where(each, fields)
  );
}
