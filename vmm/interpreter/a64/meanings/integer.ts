// Of the general registers, branches and pointer authentication among them.

import { type Rule, signOf } from "./rule.ts";

export const integer: readonly Rule[] = [
  [/^ADRP$/, "Rd is the address of the 4 KiB page that is so many pages from this one."],
  [
    /^ADR$/,
    "The result is an address: this instruction's and a distance, or in SVE a base and a shifted offset in each lane.",
  ],
  [/^ADD(S)?$/, "Adds the two operands."],
  [/^SUB(S)?$/, "Subtracts the second operand from the first."],
  [/^AND(S)?$/, "Keeps the bits that are set in both operands."],
  [/^ORR(S)?$/, "Sets the bits that are set in either operand."],
  [/^EOR(S)?$/, "Sets the bits that differ between the operands."],
  [/^BIC(S)?$/, "Clears in the first operand the bits that are set in the second."],
  [/^ORN(S)?$/, "Sets the bits that are set in the first operand or clear in the second."],
  [/^EON$/, "Sets the bits in which the operands are the same."],
  [/^MOVZ$/, "Rd is the immediate, shifted to one of its halfwords; all other bits are zero."],
  [/^MOVN$/, "Rd is the inverse of the immediate that is shifted to one of its halfwords."],
  [/^MOVK$/, "Replaces one halfword of Rd and keeps the others."],
  [
    /^([SU])BFM$/,
    ([, sign]) =>
      `Moves a bit field of Rn to Rd and fills the rest with ${
        sign === "S" ? "its sign and zeros" : "zeros"
      }: shifts and extensions are such moves.`,
  ],
  [/^BFM$/, "Moves a bit field of Rn into Rd, whose other bits stay."],
  [/^EXTR$/, "Takes a register's width of bits out of Rn and Rm side by side, from the given bit on."],
  [/^ADC(S)?$/, "Adds both operands and the carry flag."],
  [/^SBC(S)?$/, "Subtracts the second operand, and one more where the carry flag is clear."],
  [
    /^CC(MN|MP)$/,
    ([, kind]) =>
      `If the condition holds, sets the flags as ${
        kind === "MP" ? "a subtraction" : "an addition"
      } would; else to the given ones.`,
  ],
  [/^CSEL$/, "Rd is Rn if the condition holds, else Rm."],
  [/^CSINC$/, "Rd is Rn if the condition holds, else Rm + 1."],
  [/^CSINV$/, "Rd is Rn if the condition holds, else Rm with all bits inverted."],
  [/^CSNEG$/, "Rd is Rn if the condition holds, else -Rm."],
  [/^RBIT$/, "Reverses the order of the bits."],
  [
    /^REV(16|32|64|B|H|W|D)?$/,
    "Reverses the order of the bytes, or of the elements, in each unit that the name gives.",
  ],
  [/^CLZ$/, "Counts the zero bits above the highest bit that is set."],
  [/^CLS$/, "Counts the bits below the sign bit that are equal to it."],
  [/^CNT$/, "Counts the bits that are set."],
  [
    /^([SU])DIV(R)?$/,
    ([, sign, isReversed]) =>
      `Divides, ${signOf(sign)}, rounding towards zero${
        isReversed ? ", with the operands exchanged" : ""
      }; by zero gives zero.`,
  ],
  [
    /^(LSL|LSR|ASR|ROR)(V|R)?$/,
    ([, kind]) =>
      `${
        ({
          LSL: "Shifts to the left",
          LSR: "Shifts to the right, zeros coming in",
          ASR: "Shifts to the right, the sign coming in",
          ROR: "Rotates to the right",
        })[kind!]
      }, by the second operand.`,
  ],
  [
    /^CRC32(C)?$/,
    ([, c]) =>
      `Takes a value into a CRC-32 with the polynomial ${
        c ? "0x1edc6f41 (Castagnoli)" : "0x04c11db7 (ISO 3309)"
      }.`,
  ],
  [/^M(ADD|SUB)$/, ([, kind]) => `Rd is Ra ${kind === "ADD" ? "plus" : "minus"} the product of Rn and Rm.`],
  [
    /^([SU])M(ADD|SUB)L$/,
    ([, sign, kind]) =>
      `Rd is Ra ${kind === "ADD" ? "plus" : "minus"} the ${
        signOf(sign)
      } 64-bit product of two 32-bit registers.`,
  ],
  [/^([SU])MULH$/, ([, sign]) => `The upper half of the ${signOf(sign)} product.`],
  [/^RMIF$/, "Rotates Xn to the right and takes its low bits as those flags that the mask names."],
  [/^SETF(8|16)$/, "Sets N, Z and V by the low 8 or 16 bits of Wn."],
  [/^CFINV$/, "Inverts the carry flag."],
  [
    /^([XA])([AX])FLAG$/,
    "Turns the flags of a floating-point comparison from one of two conventions into the other.",
  ],
  [/^B$/, "Branches."],
  [/^BL$/, "Calls: the address of the next instruction goes to X30, then it branches."],
  [/^B\.cond$/, "Branches if the condition holds."],
  [/^CB(N)?Z$/, ([, n]) => `Branches if the register is ${n ? "not " : ""}zero.`],
  [/^TB(N)?Z$/, ([, n]) => `Branches if the bit of the register is ${n ? "set" : "clear"}.`],
  [/^BR$/, "Branches to the address in Xn."],
  [/^BLR$/, "Calls the address in Xn: the address of the next instruction goes to X30."],
  [/^RET$/, "Returns: branches to the address in Xn, which is X30 unless another is named."],
  [/^PACGA$/, "The upper half of Xd is an authentication code of Xn with modifier Xm and the generic key."],
  [
    /^PAC([ID])(Z?)([AB])/,
    ([, what, , key]) =>
      `Signs a pointer: puts an authentication code, made with the ${
        what === "I" ? "instruction" : "data"
      } key ${key}, into its unused upper bits.`,
  ],
  [
    /^AUT([ID])(Z?)([AB])/,
    ([, what, , key]) =>
      `Checks a signed pointer with the ${
        what === "I" ? "instruction" : "data"
      } key ${key} and strips the code; a wrong one becomes an address that faults, or faults at once.`,
  ],
  [/^XPAC/, "Strips a pointer's authentication code without checking it."],
  [
    /^(BL?RA[AB]|RETA[AB]|ERETA[AB])/,
    "As the branch of the same name, to an address that is first authenticated.",
  ],
  [/^LDRA[AB]/, "Loads from an address that is first authenticated with a data key."],
];
