// The immediate of the logical instructions: a run of ones, rotated, in an element that repeats (Arm DDI 0487,
// shared pseudocode "DecodeBitMasks").

/** `size` ones from bit 0 up. */
const ones = (size: number) => (1n << BigInt(size)) - 1n;

/** The pseudocode's wmask, of 64 bits or, without `sf`, 32; undefined where the encoding is reserved. */
export function logicalMask(sf: number, N: number, imms: number, immr: number): bigint | undefined {
  const length = 31 - Math.clz32(N << 6 | ~imms & 0x3f);
  if (length < 1 || (!sf && N)) return undefined;
  const size = 1 << length;
  const S = imms & size - 1, R = immr & size - 1;
  if (S === size - 1) return undefined;
  const run = ones(S + 1);
  let element = (run >> BigInt(R) | run << BigInt(size - R)) & ones(size);
  for (let width = size; width < 64; width *= 2) element |= element << BigInt(width);
  return sf ? element : element & ones(32);
}
