// Words of the assembly language as binutils prints it: registers, conditions, shifts, extensions and numbers
// (Arm DDI 0487, "Structure of the A64 assembler language").

/** A general register; 31 is zero. */
export const generalRegister = (n: number, sf: number) =>
  n === 31 ? (sf ? "xzr" : "wzr") : `${sf ? "x" : "w"}${n}`;

/** A general register; 31 is SP. */
export const registerOrSp = (n: number, sf: number) =>
  n === 31 ? (sf ? "sp" : "wsp") : generalRegister(n, sf);

export const conditions = [
  ...["eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc"],
  ...["hi", "ls", "ge", "lt", "gt", "le", "al", "nv"],
] as const;

export const shifts = ["lsl", "lsr", "asr", "ror"] as const;
export const extensions = ["uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx"] as const;

export const hex = (value: number | bigint) => `#0x${value.toString(16)}`;

/** As an operand of its own, with the comma before it; nothing where a register is not shifted. */
export const shifted = (shift: number, amount: number) =>
  shift === 0 && amount === 0 ? "" : `, ${shifts[shift]} #${amount}`;

/** An address from the instruction's own on, as the assembler reads it; binutils prints the address itself. */
export const relative = (offset: number) =>
  offset < 0 ? `.-0x${(-offset).toString(16)}` : `.+0x${offset.toString(16)}`;

/** A field that is a signed number. */
export const signed = (value: number, width: number) => value << 32 - width >> 32 - width;
