// ADR and ADRP: Arm DDI 0487, "A64 instruction set encoding", "PC-rel. addressing".

import { type Definition, type Fields, instruction, write } from "../definition.ts";
import { add, and, const64 } from "../vocabulary.ts";
import { generalRegister, relative, signed } from "./assembly_names.ts";

const pageBits = 12;
const offset = ({ immhi, immlo }: Fields) => signed(immhi! << 2 | immlo!, 21);
/** In bytes; 33 bits. */
const pageOffset = (fields: Fields) => offset(fields) * (1 << pageBits);
const Rd = write("Rd");

export const pcRelative: readonly Definition[] = [
  instruction("ADR", "0 immlo:2 10000 immhi:19 Rd:5", {
    operands: { Rd },
    immediate: offset,
    isHot: true,
    assembly: (f) => `adr ${generalRegister(f.Rd!, 1)}, ${relative(offset(f))}`,
    emit: (t) => t.setX("Rd", add(t.pc(), t.immediate())),
  }),
  instruction("ADRP", "1 immlo:2 10000 immhi:19 Rd:5", {
    operands: { Rd },
    immediate: pageOffset,
    isHot: true,
    assembly: (f) => `adrp ${generalRegister(f.Rd!, 1)}, ${relative(pageOffset(f))}`,
    emit: (t) => t.setX("Rd", add(and(t.pc(), const64(-(1 << pageBits))), t.immediate())),
  }),
];
