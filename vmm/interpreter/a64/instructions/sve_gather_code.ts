// Generated code for SVE's loads and stores of elements at addresses of their own (Arm DDI 0487, "SVE memory
// accesses"): a loaded vector waits in scratch memory until no lane has faulted.

import { type Fields, type Meaning, type Operand, predicate, vector } from "../definition.ts";
import type { QuadwordTarget, Target } from "../target.ts";
import { add, and32, bind32, const32, const64, type I64, sequence, when } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import type { MemoryElement } from "./sve_memory_elements.ts";
import { bytesOf, extended, withBase } from "./sve_memory_quadwords.ts";

/** How generated code has a lane's address: from a lane of the vector of bases or offsets. */
export interface AddressCode {
  /** The field of the vector. */
  readonly vector: "Zn" | "Zm";
  /** What else the address is made of. */
  readonly operands: Readonly<Record<string, Operand>>;
  readonly forms: readonly string[];
  readonly immediate?: (fields: Fields, msz: number) => number;
  readonly address: (t: Target, lane: I64, msz: number, form: Fields) => I64;
}

/** Given the byte in the quadword at which the lane begins, and its address. */
type OfLane = (quadword: QuadwordTarget, byte: I64, address: I64) => Statement;

function meaning(
  code: AddressCode,
  { size, msz }: MemoryElement,
  emit: (t: Target, eachLane: (active: OfLane, other?: OfLane) => Statement) => Statement,
): Pick<Meaning, "operands" | "forms" | "immediate" | "emit"> {
  const { operands, forms, immediate, address } = code;
  const lanes = Array.from({ length: 16 >> size }, (_, lane) => lane << size);
  const eachLane = (t: Target, form: Fields) => (active: OfLane, other?: OfLane) =>
    t.eachQuadword((quadword) =>
      bind32(quadword.bits("Pg"), (bits) =>
        sequence(...lanes.map((byte) => {
          const at = const64(byte), from = address(t, quadword.lane(code.vector, size, at), msz, form);
          return when(
            and32(bits, const32(1 << byte)),
            active(quadword, at, from),
            other?.(quadword, at, from),
          );
        })))
    );
  return {
    operands: { Zt: vector("Zt"), Pg: predicate("Pg"), [code.vector]: vector(code.vector), ...operands },
    forms,
    ...(immediate && { immediate: (fields: Fields) => immediate(fields, msz) }),
    emit: (t, form) => withBase(t, form, size, emit(t, eachLane(t, form))),
  };
}

export const gatherLoad = (code: AddressCode, element: MemoryElement) =>
  meaning(code, element, (t, eachLane) => {
    const { size } = element;
    const set = ({ offset }: QuadwordTarget, byte: I64, value: I64) =>
      t.setScratchLane(size, add(offset(), byte), value);
    return sequence(
      eachLane(
        (quadword, byte, address) =>
          set(quadword, byte, extended(element, t.load(bytesOf(element), address))),
        (quadword, byte) => set(quadword, byte, const64(0)),
      ),
      t.eachQuadword(({ setZ, scratch }) => setZ("Zt", scratch())),
    );
  });

export const scatterStore = (code: AddressCode, element: MemoryElement) =>
  meaning(
    code,
    element,
    (t, eachLane) =>
      eachLane(({ lane }, byte, address) =>
        t.store(bytesOf(element), address, lane("Zt", element.size, byte))
      ),
  );
