// The processors that the test bed can pretend to have, by name. QEMU's options for them are in its
// manual, "Arm CPU Features".

import { UsageError } from "./errors.ts";

export interface HostShape {
  readonly name: string;
  readonly about: string;
  /** QEMU's `-cpu` and the generic interrupt controller's version. */
  readonly cpu: string;
  readonly gic: 2 | 3;
  /** What the host then offers its guests: SVE vector lengths in bits, and pointer authentication. */
  readonly sveLengths: readonly number[];
  readonly ptrauth: boolean;
}

/** SVE's unit: a vector length is 1 to 16 of these many bits. */
const QUADWORD = 128;

const everyLength = Array.from({ length: 16 }, (_, index) => (index + 1) * QUADWORD);
const powersOfTwo = [128, 256, 512];

/** `sveN=on` for the lengths wanted and `sveN=off` for every other. */
function exactly(lengths: readonly number[]): string {
  return everyLength.map((bits) => `sve${bits}=${lengths.includes(bits) ? "on" : "off"}`).join(",");
}

const whole = {
  name: "max",
  about: "every vector length, pointer authentication, GICv3",
  cpu: "max,pauth-impdef=on",
  gic: 3,
  sveLengths: everyLength,
  ptrauth: true,
} as const;

export const hostShapes: readonly HostShape[] = [
  whole,
  {
    ...whole,
    name: "vq4",
    about: "every vector length up to 512 bits",
    cpu: `${whole.cpu},sve-max-vq=4`,
    sveLengths: everyLength.slice(0, 4),
  },
  {
    ...whole,
    name: "pow2-512",
    about: "exactly 128, 256 and 512 bits",
    cpu: `${whole.cpu},${exactly(powersOfTwo)}`,
    sveLengths: powersOfTwo,
  },
  { ...whole, name: "no-sve", about: "no SVE", cpu: `${whole.cpu},sve=off`, sveLengths: [] },
  { ...whole, name: "no-ptrauth", about: "no pointer authentication", cpu: "max,pauth=off", ptrauth: false },
  { ...whole, name: "gicv2", about: "whole but for its interrupt controller, a GICv2", gic: 2 },
];

/** The shape of that name; a `UsageError` lists the names there are. */
export function hostShape(name: string): HostShape {
  const shape = hostShapes.find((candidate) => candidate.name === name);
  if (shape) return shape;
  const names = hostShapes.map((candidate) => candidate.name).join(", ");
  throw new UsageError(`There is no host shape "${name}"; the shapes are ${names}.`);
}
