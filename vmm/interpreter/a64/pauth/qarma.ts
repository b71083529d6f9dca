// QARMA-64, the tweakable block cipher behind FEAT_PACQARMA5 and FEAT_PACQARMA3: Arm DDI 0487, shared
// pseudocode "ComputePACQARMA"; the cipher and its published vectors: R. Avanzi, "The QARMA Block Cipher
// Family", IACR eprint 2016/444. The 64 bits are sixteen 4-bit cells. The manual numbers them from the least
// significant up, and so does this file (the paper: from the most significant down).

/** S-box of QARMA-64: a cell's value to its replacement, and back. */
export interface SBox {
  readonly sub: readonly number[];
  readonly invSub: readonly number[];
}

function sBox(sub: readonly number[]): SBox {
  return { sub, invSub: sub.map((_, value) => sub.indexOf(value)) };
}

/** The paper's sigma 0. Arm uses it nowhere; it is here because most published vectors are with it. */
export const sigma0 = sBox([0, 14, 2, 10, 9, 15, 8, 11, 6, 4, 3, 7, 13, 12, 1, 5]);
/** The paper's sigma 1: the manual's PACSub1, of QARMA3. */
export const sigma1 = sBox([10, 13, 14, 6, 15, 7, 3, 5, 9, 8, 0, 12, 11, 1, 2, 4]);
/** The paper's sigma 2: the manual's PACSub, of QARMA5. */
export const sigma2 = sBox([11, 6, 8, 15, 12, 0, 9, 14, 3, 7, 4, 5, 13, 2, 1, 10]);

/** The manual's RC[i], the fraction of pi. QARMA3 takes three, QARMA5 five; the paper has vectors for seven. */
const RC = [
  0x0000000000000000n,
  0x13198a2e03707344n,
  0xa4093822299f31d0n,
  0x082efa98ec4e6c89n,
  0x452821e638d01377n,
  0xbe5466cf34e90c6cn,
  0x3f84d5b5b5470917n,
];
const ALPHA = 0xc0ac29b7c97c50ddn;

const CELLS = 16;
const MASK = 0xffffffffffffffffn;

/** The paper's tau (PACCellShuffle) and h (TweakShuffle): cell i, from the top, comes from cell TAU[i]. */
const TAU = [0, 11, 6, 13, 10, 1, 12, 7, 5, 14, 3, 8, 15, 4, 9, 2];
const H = [6, 5, 14, 15, 0, 1, 2, 3, 7, 12, 13, 4, 8, 9, 10, 11];
/** The cells, counted from the top, that TweakShuffle also steps as a four-bit shift register. */
const TWEAK_STEPPED = [0, 1, 3, 4, 8, 11, 13];

/** cell i comes from cell shuffle[i], counted from the bottom. */
const cellShuffle = fromBottom(TAU);
const cellInvShuffle = inverse(cellShuffle);
const tweakShuffle = fromBottom(H);
const tweakInvShuffle = inverse(tweakShuffle);
const isStepped = cellShuffle.map((_, cell) => TWEAK_STEPPED.includes(CELLS - 1 - cell));

function fromBottom(fromTop: readonly number[]): number[] {
  return fromTop.map((_, cell) => CELLS - 1 - fromTop[CELLS - 1 - cell]!);
}

function inverse(permutation: readonly number[]): number[] {
  return permutation.map((_, cell) => permutation.indexOf(cell));
}

const moved = new Uint8Array(CELLS);

function unpack(cells: Uint8Array, value: bigint): void {
  let low = Number(value & 0xffffffffn);
  let high = Number(value >> 32n);
  for (let cell = 0; cell < CELLS / 2; cell++, low >>>= 4, high >>>= 4) {
    cells[cell] = low & 15;
    cells[cell + CELLS / 2] = high & 15;
  }
}

function pack(cells: Uint8Array): bigint {
  let low = 0;
  let high = 0;
  for (let cell = CELLS / 2 - 1; cell >= 0; cell--) {
    low = low << 4 | cells[cell]!;
    high = high << 4 | cells[cell + CELLS / 2]!;
  }
  return BigInt(high >>> 0) << 32n | BigInt(low >>> 0);
}

function exclusiveOr(cells: Uint8Array, others: Uint8Array): void {
  for (let cell = 0; cell < CELLS; cell++) cells[cell]! ^= others[cell]!;
}

function shuffle(cells: Uint8Array, from: readonly number[]): void {
  for (let cell = 0; cell < CELLS; cell++) moved[cell] = cells[from[cell]!]!;
  cells.set(moved);
}

function substitute(cells: Uint8Array, table: readonly number[]): void {
  for (let cell = 0; cell < CELLS; cell++) cells[cell] = table[cells[cell]!]!;
}

/** A cell rotated left by one: twice that is by two. */
const rotateCell = (cell: number) => (cell << 1 | cell >> 3) & 15;

/** PACMult: every column times the circulant (0, rho, rho squared, rho), rho being a rotation by one. */
function multiply(cells: Uint8Array): void {
  for (let cell = 0; cell < CELLS; cell++) {
    const twoOff = cells[(cell + 8) % CELLS]!;
    const oneOff = cells[(cell + 4) % CELLS]! ^ cells[(cell + 12) % CELLS]!;
    moved[cell] = rotateCell(oneOff ^ rotateCell(twoOff));
  }
  cells.set(moved);
}

function stepTweak(cells: Uint8Array): void {
  shuffle(cells, tweakShuffle);
  for (let cell = 0; cell < CELLS; cell++) {
    const value = cells[cell]!;
    if (isStepped[cell]) cells[cell] = value >> 1 | ((value ^ value >> 1) & 1) << 3;
  }
}

function stepTweakBack(cells: Uint8Array): void {
  for (let cell = 0; cell < CELLS; cell++) {
    const value = cells[cell]!;
    if (isStepped[cell]) cells[cell] = value << 1 & 15 | (value ^ value >> 3) & 1;
  }
  shuffle(cells, tweakInvShuffle);
}

const roundConstants = RC.map((constant) => unpacked(constant));
const backwardConstants = RC.map((constant) => unpacked(constant ^ ALPHA));

function unpacked(value: bigint): Uint8Array {
  const cells = new Uint8Array(CELLS);
  unpack(cells, value);
  return cells;
}

// The working values of one call: a call neither waits nor calls back, so one set is enough.
const working = new Uint8Array(CELLS);
const runningmod = new Uint8Array(CELLS);
const key0 = new Uint8Array(CELLS);
const key1 = new Uint8Array(CELLS);
const modk0 = new Uint8Array(CELLS);

/** The manual's iterations 0 to `rounds` - 1: a short one first, without shuffle and multiplication. */
function forward(rounds: number, sub: readonly number[]): void {
  for (let round = 0; round < rounds; round++) {
    exclusiveOr(working, key1);
    exclusiveOr(working, runningmod);
    exclusiveOr(working, roundConstants[round]!);
    if (round > 0) {
      shuffle(working, cellShuffle);
      multiply(working);
    }
    substitute(working, sub);
    stepTweak(runningmod);
  }
}

/** The middle: one round forward with the whitening key, the reflector, one round backward. */
function reflect({ sub, invSub }: SBox): void {
  exclusiveOr(working, modk0);
  exclusiveOr(working, runningmod);
  shuffle(working, cellShuffle);
  multiply(working);
  substitute(working, sub);
  shuffle(working, cellShuffle);
  multiply(working);
  exclusiveOr(working, key1);
  shuffle(working, cellInvShuffle);
  substitute(working, invSub);
  multiply(working);
  shuffle(working, cellInvShuffle);
  exclusiveOr(working, key0);
  exclusiveOr(working, runningmod);
}

function backward(rounds: number, invSub: readonly number[]): void {
  for (let round = rounds - 1; round >= 0; round--) {
    substitute(working, invSub);
    if (round > 0) {
      multiply(working);
      shuffle(working, cellInvShuffle);
    }
    stepTweakBack(runningmod);
    exclusiveOr(working, backwardConstants[round]!);
    exclusiveOr(working, key1);
    exclusiveOr(working, runningmod);
  }
}

/**
 * QARMA-64 with 1 to 7 `rounds` (the paper's r). `keyHigh` is the paper's w0 and the manual's key0, `keyLow`
 * its k0 and key1; `modifier` is the tweak. All are 64-bit unsigned, as the result is.
 */
export function qarma64(
  rounds: number,
  box: SBox,
  data: bigint,
  modifier: bigint,
  keyHigh: bigint,
  keyLow: bigint,
): bigint {
  const whitening = keyHigh << 63n & MASK | (keyHigh >> 2n) << 1n | (keyHigh >> 63n ^ keyHigh >> 1n) & 1n;
  unpack(working, data ^ keyHigh);
  unpack(runningmod, modifier);
  unpack(key0, keyHigh);
  unpack(key1, keyLow);
  unpack(modk0, whitening);
  forward(rounds, box.sub);
  reflect(box);
  backward(rounds, box.invSub);
  exclusiveOr(working, modk0);
  return pack(working);
}

/** FEAT_PACQARMA5, the one that ID_AA64ISAR1_EL1.APA and GPA announce. */
export function computePacQarma5(data: bigint, modifier: bigint, keyHigh: bigint, keyLow: bigint): bigint {
  return qarma64(5, sigma2, data, modifier, keyHigh, keyLow);
}

/** FEAT_PACQARMA3, the one that ID_AA64ISAR2_EL1.APA3 and GPA3 announce. */
export function computePacQarma3(data: bigint, modifier: bigint, keyHigh: bigint, keyLow: bigint): bigint {
  return qarma64(3, sigma1, data, modifier, keyHigh, keyLow);
}
