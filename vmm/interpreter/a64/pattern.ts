// An encoding: which of the 32 bits are fixed and which fields the others make.

export interface Field {
  readonly name: string;
  readonly shift: number;
  readonly width: number;
}

export interface Pattern {
  readonly text: string;
  readonly mask: number;
  readonly value: number;
  readonly fields: readonly Field[];
}

/** Throws if the bits are not 32. */
export function parsePattern(text: string): Pattern {
  let bit = 32;
  let mask = 0, value = 0;
  const fields: Field[] = [];
  for (const part of text.split(/\s+/)) {
    const [name, width] = part.split(":");
    if (width !== undefined) {
      bit -= Number(width);
      fields.push({ name: name!, shift: bit, width: Number(width) });
      continue;
    }
    for (const digit of part) {
      bit--;
      if (digit !== "0" && digit !== "1") {
        throw new Error(`"${part}" in "${text}" is neither bits nor a field`);
      }
      mask |= 1 << bit;
      if (digit === "1") value |= 1 << bit;
    }
  }
  if (bit !== 0) throw new Error(`"${text}" has ${32 - bit} bits in place of 32`);
  return { text, mask: mask >>> 0, value: value >>> 0, fields };
}

export const matches = ({ mask, value }: Pattern, word: number) => (word & mask) >>> 0 === value;

export function fieldsOf({ fields }: Pattern, word: number): Record<string, number> {
  const values: Record<string, number> = {};
  for (const { name, shift, width } of fields) values[name] = (word >>> shift & 2 ** width - 1) >>> 0;
  return values;
}

/** The word with these fields; those not given are 0. */
export function encode({ value, fields }: Pattern, values: Readonly<Record<string, number>>): number {
  return fields.reduce((word, { name, shift }) => (word | (values[name] ?? 0) << shift) >>> 0, value);
}
