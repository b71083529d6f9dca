// SVE's registers, lists of them and predicate constraints in assembly (Arm DDI 0487, "SVE assembler
// language"; the spelling is binutils'), and what all of its definitions share.

import { type Definition, type Fields, instruction, type Meaning, type Need } from "../definition.ts";

const letters = "bhsdq";

/** "z0.s", "p0.b" */
export const z = (n: number, size: number) => `z${n}.${letters[size]}`;
export const p = (n: number, size: number) => `p${n}.${letters[size]}`;
/** Of several fields, in the same size. */
export const zNames = (f: Fields, size: number, ...names: readonly string[]) =>
  names.map((name) => z(f[name]!, size)).join(", ");
/** Governing predicates: inactive lanes stay as they were, or become zero. */
export const merging = ({ Pg }: Fields) => `p${Pg}/m`;
export const zeroing = ({ Pg }: Fields) => `p${Pg}/z`;
/** "s0" */
export const v = (n: number, size: number) => `${letters[size]}${n}`;
/** "z1.s[2]" */
export const zLane = (n: number, size: number, lane: number) => `${z(n, size)}[${lane}]`;

const namedPatterns: Readonly<Record<number, string>> = {
  0: "pow2",
  ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((count) => [count, `vl${count}`])),
  9: "vl16",
  10: "vl32",
  11: "vl64",
  12: "vl128",
  13: "vl256",
  29: "mul4",
  30: "mul3",
  31: "all",
};
export const patternName = (pattern: number) => namedPatterns[pattern] ?? `#${pattern}`;

const SVE: Need = ["ID_AA64PFR0_EL1", 32, 1];
/** FEAT_BF16, FEAT_I8MM, FEAT_F32MM and FEAT_F64MM as ID_AA64ZFR0_EL1 says them. */
export const sveBfloat: Need = ["ID_AA64ZFR0_EL1", 20, 1];
export const sveInt8Matrix: Need = ["ID_AA64ZFR0_EL1", 44, 1];
export const sveFloat32Matrix: Need = ["ID_AA64ZFR0_EL1", 52, 1];
export const sveFloat64Matrix: Need = ["ID_AA64ZFR0_EL1", 56, 1];

/** FEAT_SVE2 and its parts. */
const SVE2: Need = ["ID_AA64ZFR0_EL1", 0, 1];
export const sveAes: Need = ["ID_AA64ZFR0_EL1", 4, 1];
export const svePolynomial128: Need = ["ID_AA64ZFR0_EL1", 4, 2];
export const sveBitPermute: Need = ["ID_AA64ZFR0_EL1", 16, 1];
export const sveSha3: Need = ["ID_AA64ZFR0_EL1", 32, 1];
export const sveSm4: Need = ["ID_AA64ZFR0_EL1", 40, 1];

export type Run = NonNullable<Meaning["run"]>;

/** An instruction of FEAT_SVE, unless it says what else it needs. */
export const sve = (name: string, encoding: string, meaning: Meaning): Definition =>
  instruction(name, encoding, { uses: "sve", needs: SVE, ...meaning });

/** The same of FEAT_SVE2. */
export const sve2 = (name: string, encoding: string, meaning: Meaning): Definition =>
  sve(name, encoding, { needs: SVE2, ...meaning });

/** For `valid`: sizes that an instruction has. */
export const hasSizes = (...sizes: readonly number[]) => ({ size }: Fields) => sizes.includes(size!);
