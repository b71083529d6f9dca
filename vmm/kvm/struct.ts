// C structures as data: a field list gives layout, size and typed values, with the natural alignment that
// the AAPCS64 and the x86-64 ABI share (Arm IHI 0055, "Data types and alignment").

/** How one C type lies in memory. `read` and `write` take a little-endian view and a byte offset. */
export interface Field<T> {
  readonly size: number;
  readonly align: number;
  read(view: DataView, offset: number): T;
  write(view: DataView, offset: number, value: T): void;
}

export const u8: Field<number> = {
  size: 1,
  align: 1,
  read: (view, offset) => view.getUint8(offset),
  write: (view, offset, value) => view.setUint8(offset, value),
};

export const u16: Field<number> = {
  size: 2,
  align: 2,
  read: (view, offset) => view.getUint16(offset, true),
  write: (view, offset, value) => view.setUint16(offset, value, true),
};

export const u32: Field<number> = {
  size: 4,
  align: 4,
  read: (view, offset) => view.getUint32(offset, true),
  write: (view, offset, value) => view.setUint32(offset, value, true),
};

export const s32: Field<number> = {
  size: 4,
  align: 4,
  read: (view, offset) => view.getInt32(offset, true),
  write: (view, offset, value) => view.setInt32(offset, value, true),
};

export const u64: Field<bigint> = {
  size: 8,
  align: 8,
  read: (view, offset) => view.getBigUint64(offset, true),
  write: (view, offset, value) => view.setBigUint64(offset, value, true),
};

/** `length` elements of one type. A shorter value leaves the rest as it was. */
export function array<T>(element: Field<T>, length: number): Field<T[]> {
  return {
    size: element.size * length,
    align: element.align,
    read: (view, offset) =>
      Array.from({ length }, (_, index) => element.read(view, offset + index * element.size)),
    write: (view, offset, values) =>
      values.forEach((value, index) => element.write(view, offset + index * element.size, value)),
  };
}

type Fields = Record<string, Field<unknown>>;
type Values<F extends Fields> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** A structure: itself a field, so that structures nest. */
export interface Struct<V> extends Field<V> {
  readonly name: string;
  readonly offsets: Readonly<Record<keyof V, number>>;
  /** New bytes holding `values`; fields not named are zero. The buffer never moves, so it may be pointed to. */
  pack(values: Partial<V>): Uint8Array<ArrayBuffer>;
  unpack(bytes: Uint8Array): V;
}

const alignUp = (offset: number, align: number) => Math.ceil(offset / align) * align;

/** The structure `name` with its members in the order of `fields`. */
export function struct<F extends Fields>(name: string, fields: F): Struct<Values<F>> {
  type V = Values<F>;
  const offsets = {} as Record<keyof V, number>;
  let end = 0;
  let align = 1;
  for (const [key, field] of Object.entries(fields)) {
    offsets[key as keyof V] = alignUp(end, field.align);
    end = offsets[key as keyof V] + field.size;
    align = Math.max(align, field.align);
  }
  const size = alignUp(end, align);
  const read = (view: DataView, offset: number) =>
    Object.fromEntries(
      Object.entries(fields).map(([key, field]) => [key, field.read(view, offset + offsets[key]!)]),
    ) as V;
  const write = (view: DataView, offset: number, values: Partial<V>) => {
    for (const [key, value] of Object.entries(values)) {
      fields[key]!.write(view, offset + offsets[key]!, value);
    }
  };
  return {
    name,
    size,
    align,
    offsets,
    read,
    write,
    pack(values) {
      const bytes = new Uint8Array(new ArrayBuffer(size));
      write(new DataView(bytes.buffer), 0, values);
      return bytes;
    },
    unpack: (bytes) => read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0),
  };
}
