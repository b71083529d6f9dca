// Where QEMU 7.2 does not do what the manual says, so that it cannot be asked: instructions by their definitions'
// names, and the section of the manual (Arm DDI 0487).

interface Erratum {
  readonly name: RegExp;
  /** In bits, where only vectors longer than this are wrong. */
  readonly above?: number;
  readonly section: string;
  readonly does: string;
}

export const qemuErrata: readonly Erratum[] = [
  {
    name: /^UQXTN[BT] \(S\)$/,
    above: 512,
    section: "UQXTNB",
    does: "takes doublewords from 2^63 up for negative ones, and makes zero of them",
  },
];

export const isWrongInQemu = (name: string, vectorLength: number) =>
  qemuErrata.some((each) => each.name.test(name) && vectorLength > (each.above ?? 0));
