// How assembly writes vector registers, their arrangements and lanes (Arm DDI 0487, "Vector formats"; the
// spelling is binutils').

const arrangements = ["8b", "16b", "4h", "8h", "2s", "4s", "1d", "2d", "", "1q"] as const;
const letters = "bhsdq";

/** "8b" to "2d" by size and Q. */
export const arrangement = (size: number, Q: number) => arrangements[2 * size + Q]!;

/** "v1.16b" */
export const vectorName = (n: number, size: number, Q: number) => `v${n}.${arrangement(size, Q)}`;

/** "b1" to "q1" */
export const scalarName = (n: number, size: number) => `${letters[size]}${n}`;

/** "v1.s[2]" */
export const laneName = (n: number, size: number, lane: number) => `v${n}.${letters[size]}[${lane}]`;

/** "2" where an instruction takes or gives the upper half. */
export const upperHalf = (Q: number) => Q ? "2" : "";
