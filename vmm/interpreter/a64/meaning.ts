// What an instruction does, in one sentence, by its mnemonic: for people who read a word or a trace. The definition
// beside it is what is executed (Arm DDI 0487, "Alphabetical list of A64 base instructions" and those of AdvSIMD
// and SVE).

type Sentence = string | ((parts: RegExpExecArray) => string);
type Rule = readonly [mnemonic: RegExp, sentence: Sentence];

const signs: Readonly<Record<string, string>> = {
  S: "signed",
  U: "unsigned",
  SU: "mixed-sign",
  US: "mixed-sign",
};
const signOf = (letter: string | undefined) => signs[letter ?? ""] ?? "";
const words = (...parts: readonly (string | false | undefined)[]) => parts.filter(Boolean).join(" ");

/** B, H, W, D of loads and stores. */
const units: Readonly<Record<string, string>> = {
  B: "a byte",
  H: "a halfword",
  W: "a word",
  D: "a doubleword",
  "": "a register",
};
const unitOf = (text: string | undefined) => {
  const extends_ = text?.startsWith("S") ? ", sign-extended," : "";
  return (units[(text ?? "").replace("S", "")] ?? "a register") + extends_;
};

const integer: readonly Rule[] = [
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

const memory: readonly Rule[] = [
  [
    /^LD(T|U)?R(SB|SH|SW|B|H)?$/,
    ([, kind, unit]) => `Loads ${unitOf(unit)} from memory${kind === "T" ? ", with EL0's permissions" : ""}.`,
  ],
  [
    /^ST(T|U)?R(B|H)?$/,
    ([, kind, unit]) => `Stores ${unitOf(unit)} to memory${kind === "T" ? ", with EL0's permissions" : ""}.`,
  ],
  [/^LD(P|PSW|NP)$/, "Loads two registers from adjacent places in memory."],
  [/^ST(P|NP)$/, "Stores two registers to adjacent places in memory."],
  [/^LDXR|^LDAXR/, "Loads and marks the address for exclusive access, for the store that is to follow."],
  [/^LD(A)?XP$/, "Loads two registers and marks the address for exclusive access."],
  [
    /^ST(L)?X[RP]/,
    "Stores if nobody else has touched the marked address since; Ws is 0 if it did, 1 if not.",
  ],
  [
    /^(LDAR|LDLAR|LDAPR|LDAPUR)(SB|SH|SW|B|H)?$/,
    "Loads, and is seen before every access that follows it (acquire).",
  ],
  [/^(STLR|STLLR|STLUR)(B|H)?$/, "Stores, and is seen after every access that went before (release)."],
  [
    /^CASP/,
    "Compares two registers with a pair in memory and, if they are equal, replaces it, atomically; the registers become what was there.",
  ],
  [
    /^CAS/,
    "Compares a register with memory and, if they are equal, stores another, atomically; the register becomes what was there.",
  ],
  [
    /^LD(ADD|CLR|EOR|SET|SMAX|SMIN|UMAX|UMIN)/,
    ([, kind]) =>
      `Loads from memory and stores back, atomically, ${
        ({
          ADD: "the sum with a register",
          CLR: "it with a register's set bits cleared",
          EOR: "its exclusive OR with a register",
          SET: "it with a register's set bits set",
          SMAX: "the signed maximum with a register",
          SMIN: "the signed minimum with a register",
          UMAX: "the unsigned maximum with a register",
          UMIN: "the unsigned minimum with a register",
        })[kind!]
      }.`,
  ],
  [/^SWP/, "Exchanges a register with memory, atomically."],
  [/^PRF/, "Says that the address will be used: a hint for the caches, which does nothing here."],
  [
    /^LD([1-4])R$/,
    ([, n]) =>
      `Loads ${n === "1" ? "an element" : `a structure of ${n} elements`} and fills all lanes of ${
        n === "1" ? "a register" : `${n} registers`
      } with it.`,
  ],
  [/^LD1R([BHWD]|S[BHW])$/, "Loads one element and fills all active lanes with it."],
  [
    /^LD1R([QO])[BHWD]$/,
    ([, unit]) => `Loads ${unit === "Q" ? 128 : 256} bits and repeats them through the whole vector.`,
  ],
  [
    /^LDFF1/,
    "Loads a vector; a fault of any element but the first clears FFR from there on instead of being taken.",
  ],
  [/^LDNF1/, "Loads a vector; a fault clears FFR from there on instead of being taken."],
  [
    /^(LD|ST)NT1/,
    ([, does]) => `${does === "LD" ? "Loads" : "Stores"} a vector that will not be used again soon.`,
  ],
  [
    /^(LD|ST)([1-4])[BHWDQ]?$|^LD(1)S[BHW]$/,
    ([, does = "LD", n = "1"]) =>
      `${does === "LD" ? "Loads" : "Stores"} ${
        n === "1"
          ? "elements of a vector"
          : `structures of ${n} elements, each element to or from a register of its own`
      }.`,
  ],
];

const system: readonly Rule[] = [
  [/^SVC$/, "Calls the operating system: takes an exception to EL1."],
  [/^HVC$/, "Calls the hypervisor, which here is the monitor: PSCI and SMCCC."],
  [/^SMC$/, "Calls the secure monitor; a guest of KVM has none of its own."],
  [/^BRK$/, "Takes a breakpoint exception."],
  [/^(HLT|DCPS[123]|DRPS)$/, "Is for a debugger that halts the processor; undefined without one."],
  [/^UDF$/, "Is undefined, for ever."],
  [/^ERET$/, "Returns from an exception: PSTATE from SPSR_EL1, then to the address in ELR_EL1."],
  [/^(NOP|YIELD|HINT|CSDB|DGH|ESB|PSB)$/, "Does nothing here: a hint."],
  [/^WFE(T)?$/, "Waits for an event, or an interrupt."],
  [/^WFI(T)?$/, "Waits for an interrupt."],
  [/^SEV(L)?$/, ([, l]) => `Sends an event to ${l ? "this processor" : "all processors"}, which wakes WFE.`],
  [/^BTI$/, "Marks where indirect branches may lead, in guarded pages."],
  [/^D[SM]B$/, "Orders memory accesses: those after it are not seen before those that went before it."],
  [/^ISB$/, "What follows is fetched anew and sees all that went before."],
  [/^SB$/, "Nothing after it is executed speculatively."],
  [/^CLREX$/, "Forgets the address that was marked for exclusive access."],
  [/^MSR$/, "Writes a system register, or a field of PSTATE."],
  [/^MRS$/, "Reads a system register."],
  [/^SYS$/, "Does a system operation: on caches (DC, IC), on translations (TLBI, AT)."],
  [/^SYSL$/, "Does a system operation that gives a result."],
  [/^DC$/, "Fills a block of memory with zeros."],
];

/** R: rounding, Q: saturating, in names such as SQRSHRN. */
const manner = (letters: string) =>
  words(letters.includes("Q") && "saturating", letters.includes("R") && "rounding");
const shape: Readonly<Record<string, string>> = {
  L: ", with lanes twice as wide as the operands'",
  W: ", the second operand's lanes half as wide",
  HN: ", of which the upper half is kept",
};

const vectors: readonly Rule[] = [
  [
    /^F?(MAX|MIN|MAXNM|MINNM)V$|^[SU](MAX|MIN)V$|^F(MAX|MIN)(NM)?V$/,
    "The greatest or least lane of the vector.",
  ],
  [/^F?ADDV$|^[SU]ADD(L)?V$/, "The sum of all lanes."],
  [/^FADDA$/, "Adds all lanes, one after the other in their order, to a scalar."],
  [/^(OR|EOR|AND)V$/, "Combines all lanes into one, bit by bit."],
  [
    /^([SU])(R)?H(ADD|SUB)(R)?$/,
    ([, sign, r, kind]) =>
      `Half of the ${signOf(sign)} ${kind === "ADD" ? "sum" : "difference"} in each lane${
        r ? ", rounded" : ""
      }.`,
  ],
  [
    /^([SU])QR?(ADD|SUB)R?$/,
    ([, sign, kind]) =>
      `${kind === "ADD" ? "Adds" : "Subtracts"} in each lane, with ${signOf(sign)} saturation.`,
  ],
  [/^(SU|US)QADD$/, "Adds lanes of which one operand is signed and the other is not, saturating."],
  [
    /^(R)?(ADD|SUB)HN[TB]?$/,
    ([, r, kind]) =>
      `The upper half of each ${kind === "ADD" ? "sum" : "difference"}${r ? ", rounded" : ""}.`,
  ],
  [
    /^([SU])(ADD|SUB)([LW])[TB]*$/,
    ([, sign, kind, form]) => `${kind === "ADD" ? "Adds" : "Subtracts"}, ${signOf(sign)}${shape[form!]}.`,
  ],
  [
    /^([SU])(ABD|ABA)(L)?[TB]?$/,
    ([, sign, kind, long]) =>
      `The ${signOf(sign)} absolute difference of each lane${
        kind === "ABA" ? ", added to the destination" : ""
      }${long ? shape.L : ""}.`,
  ],
  [/^F(ABD)$/, "The absolute difference of each lane."],
  [
    /^([SU])(MAX|MIN)P?$/,
    ([, sign, kind]) =>
      `The ${signOf(sign)} ${kind === "MAX" ? "maximum" : "minimum"} of each pair of lanes.`,
  ],
  [
    /^F(ADD|MAX|MIN|MAXNM|MINNM)P$|^ADDP$|^[SU](ADA?D?LP|ADDLP)$|^[SU]ADALP$/,
    "Combines neighbouring lanes, pair by pair.",
  ],
  [
    /^CM(P)?(GT|HI|GE|HS|EQ|NE|LT|LE|LO|LS|TST)$|^FCM(GT|GE|EQ|NE|LT|LE|UO)$|^FAC(GE|GT|LE|LT)$/,
    "Compares each lane: all ones, or an active predicate element, where it holds.",
  ],
  [
    /^([SU])(Q?)(R?)SHL(R)?$/,
    ([, sign, q, r]) =>
      `Shifts each lane by the amount in the second operand's, to the right where it is negative: ${
        words(manner(q! + r!), signOf(sign))
      }.`,
  ],
  [/^SQSHLU$/, "Shifts signed lanes to the left, saturating to unsigned ones."],
  [
    /^([SU])(R?)S(HR|RA)$/,
    ([, sign, r, kind]) =>
      `Shifts each lane to the right, ${words(signOf(sign), r && "rounding")}${
        kind === "RA" ? ", and adds it to the destination" : ""
      }.`,
  ],
  [
    /^([SU])?(Q?)(R?)SHRU?N[TB]?$/,
    ([, sign, q, r]) =>
      `Shifts each lane to the right and keeps its lower half: ${
        words(manner(q! + r!), signOf(sign)) || "plain"
      }.`,
  ],
  [/^([SU]?)SHLL[TB]?$/, "Widens each lane and shifts it to the left."],
  [/^(SHL)$/, "Shifts each lane to the left."],
  [
    /^S([RL])I$/,
    ([, way]) =>
      `Shifts each lane to the ${
        way === "R" ? "right" : "left"
      } and inserts it: the bits that come free keep the destination's.`,
  ],
  [/^ASRD$/, "Shifts to the right as a division by a power of two, rounding towards zero."],
  [
    /^SQ(R)?DM(ULH|LAH|LSH)$/,
    ([, r, kind]) =>
      `The upper half of the doubled product${r ? ", rounded" : ""}${
        kind === "ULH" ? "" : kind === "LAH" ? ", added" : ", subtracted"
      }; saturating.`,
  ],
  [
    /^SQDM(LAL|LSL|ULL)[TB]*$/,
    "The doubled product with lanes twice as wide, alone or added or subtracted; saturating.",
  ],
  [
    /^([SU])M(LAL|LSL|ULL)[TB]?$/,
    ([, sign, kind]) =>
      `The ${signOf(sign)} product${shape.L}${
        kind === "ULL"
          ? ""
          : kind === "LAL"
          ? ", added to the destination"
          : ", subtracted from the destination"
      }.`,
  ],
  [/^ML([AS])$|^M(AD|SB)$/, "The product of each lane, added to or subtracted from a third."],
  [/^MUL$/, "The low half of the product of each lane."],
  [
    /^PMUL(L)?[TB]?$/,
    "The product of polynomials over the field of two elements: a multiplication without carries.",
  ],
  [/^(SU|US|[SU])DOT$/, "The products of four bytes, or halfwords, of each lane, summed into the lane."],
  [/^(SU|US|[SU])MMLA$/, "Multiplies two matrices of bytes into a matrix of four words."],
  [/^F?ABS$/, "The absolute value of each lane."],
  [/^F?NEG$/, "The negative of each lane."],
  [/^SQ(ABS|NEG)$/, "The absolute value, or the negative, of each lane; saturating."],
  [/^(NOT)$/, "Inverts all bits."],
  [/^CNOT$/, "One where the lane is zero, else zero."],
  [/^BS(L)$|^BI[TF]$/, "Takes each bit from one operand or the other, as a third says."],
  [
    /^U(RECPE|RSQRTE)$|^FR(ECP|SQRT)[ESX]$/,
    "An estimate, or a refining step, of the reciprocal or of that of the square root.",
  ],
  [/^([SU]?)(Q?)XTU?N[TB]?$/, "Keeps the lower half of each lane, saturating where the name says so."],
  [/^[SU]XT[BHW]$/, "Extends the low byte, halfword or word of each lane."],
  [/^DUP$|^F?CPY$|^FDUP$|^DUPM$/, "Fills the lanes with one value."],
  [/^INS$/, "Replaces one lane."],
  [/^([SU])MOV$/, "Moves one lane to a general register, extended."],
  [/^MOVI$|^MVNI$/, "Fills the lanes with an immediate, or its inverse."],
  [/^FMOV$/, "Moves a floating-point value, or bits between the register files."],
  [
    /^(UZP|TRN|ZIP)[12]$/,
    "Rearranges the lanes of two vectors: every second one, transposed, or interleaved.",
  ],
  [/^EXT$/, "Takes a vector's width of bytes out of two vectors side by side."],
  [/^TB[LX]$/, "Looks each lane up in a table of registers; what is out of range is zero, or (TBX) stays."],
  [/^INSR$/, "Moves all lanes up by one and inserts a scalar below."],
  [/^[SU]UNPK(LO|HI)$|^PUNPK(LO|HI)$/, "Widens one half of the lanes."],
  [/^COMPACT$/, "Moves the active lanes together to the low end."],
  [/^SPLICE$/, "The active stretch of the first vector, followed by the second."],
  [/^C?LAST[AB]$/, "The last active lane, or the one after it."],
  [/^SEL$/, "Takes each lane from the first vector where the predicate is set, else from the second."],
  [/^INDEX$/, "The lanes count up from a base by a step."],
  [/^MOVPRFX$/, "Copies a register, for the instruction after it, which would else destroy it."],
  [/^SUBR$/, "Subtracts the first operand from the second."],
];

const predicates: readonly Rule[] = [
  [/^PTRUE/, "Sets as many elements of the predicate as the pattern says."],
  [/^PFALSE$/, "Clears the predicate."],
  [/^PTEST$/, "Sets the flags by which active elements are set: the first, any, the last."],
  [/^P(FIRST|NEXT)$/, "Sets the first, or the next, active element alone."],
  [/^(RDFFR|WRFFR|SETFFR)/, "Reads, writes or sets the first-fault register."],
  [/^(NOR|NAND)/, "Combines two predicates, inverted."],
  [/^BRK/, "Keeps the elements up to the first that is set, before it or with it."],
  [/^CNTP$/, "Counts the active elements that are set."],
  [
    /^(SQ|UQ)?(INC|DEC)P?$/,
    "Adds or subtracts the number of elements, of the vector or of a predicate, saturating where the name says so.",
  ],
  [/^CNT[BHWD]$/, "The number of elements of a vector, as the pattern says, times a factor."],
  [
    /^WHILE/,
    "Sets the elements for which the counter still compares so with the limit: the loop's predicate.",
  ],
  [/^CTERM/, "Sets the flags for leaving a loop early."],
  [/^ADD[VP]L$/, "Adds a multiple of the vector's, or predicate's, length in bytes."],
  [/^RDVL$/, "The vector's length in bytes, times a factor."],
];

const floats: readonly Rule[] = [
  [
    /^F(N)?(ADD|SUB|MUL|DIV)(R)?$/,
    ([, n, kind, r]) =>
      `${
        ({ ADD: "Adds", SUB: "Subtracts", MUL: "Multiplies", DIV: "Divides" })[kind!]
      } floating-point numbers, rounded by FPCR${n ? ", and negates" : ""}${
        r ? ", with the operands exchanged" : ""
      }.`,
  ],
  [/^FMULX$/, "Multiplies; zero times infinity is two."],
  [
    /^F(MAX|MIN)(NM)?$/,
    ([, kind, nm]) =>
      `The ${kind === "MAX" ? "greater" : "lesser"} floating-point number${
        nm ? "; a number wins over a quiet NaN" : "; a NaN wins"
      }.`,
  ],
  [/^F(N)?M(ADD|SUB|AD|SB|LA|LS)$/, "Multiplies and adds or subtracts, rounded once: fused."],
  [
    /^FML([AS])L(2|B|T)?$/,
    "Multiplies half-precision lanes and adds them to, or subtracts them from, single-precision ones.",
  ],
  [
    /^FC(ADD|MLA)$/,
    "Adds, or multiplies and adds, complex numbers, one of them rotated by a multiple of 90 degrees.",
  ],
  [/^FSQRT$/, "The square root."],
  [/^FRINT/, "Rounds to an integral number, in the way that the name gives."],
  [/^FCMPE?$/, "Compares two floating-point numbers and sets the flags; NaN is unordered."],
  [/^FCCMPE?$/, "If the condition holds, compares two floating-point numbers; else sets the given flags."],
  [/^FCSEL$/, "Takes one floating-point register or the other, by the condition."],
  [/^FJCVTZS$/, "Converts to a 32-bit integer as JavaScript does: modulo 2^32."],
  [
    /^FCVT[NAPMZ][SU]$/,
    "Converts a floating-point number to an integer, rounding in the way that the name gives; saturating.",
  ],
  [/^[SU]CVTF$/, "Converts an integer to a floating-point number."],
  [
    /^(B?FCVT|FCVT[LNX]|FCVTXN|BFCVTN|BFCVTNT|FCVT[LN]T|FCVTX(NT)?)$/,
    "Converts between floating-point formats.",
  ],
  [/^FSCALE$/, "Multiplies by a power of two."],
  [/^F(TMAD|TSMUL|TSSEL|EXPA)$/, "A step of computing a trigonometric or exponential function."],
  [/^FLOGB$/, "The exponent, as an integer."],
  [/^B?FMMLA$/, "Multiplies two matrices and adds them to a third."],
  [/^BF(DOT|MLAL[BT]?)/, "Multiplies bfloat16 lanes and adds them to single-precision ones."],
];

const crypto: readonly Rule[] = [
  [/^AES(E|D|MC|IMC)/, ([, kind]) =>
    ({
      E: "Part of a round of AES encryption: adds the key, substitutes and shifts.",
      D: "Part of a round of AES decryption: adds the key, and undoes substitution and shift.",
      MC: "The other part of a round of AES encryption: mixes the columns.",
      IMC: "The other part of a round of AES decryption: unmixes the columns.",
    })[kind!]!],
  [/^SHA(1|256|512)/, ([, size]) => `A step of SHA-${size}: of its rounds or of its message schedule.`],
  [/^(RAX1|EOR3|BCAX|XAR)$/, "Exclusive OR of several operands, rotated or masked, as SHA-3 needs it."],
  [/^SM3/, "A step of the hash SM3."],
  [/^SM4/, "A step of the cipher SM4: rounds, or its key schedule."],
];

/** SVE2's own. */
const furtherVectors: readonly Rule[] = [
  [/^(ADCL|SBCL)[BT]$/, "Adds or subtracts with a carry that comes from, and goes to, lanes of a vector."],
  [/^(MATCH|NMATCH)$/, "Says for each element whether any of a segment is equal to it, or none."],
  [/^HIST(CNT|SEG)$/, "Counts for each element how many others are equal to it."],
  [/^B(EXT|DEP|GRP)$/, "Gathers, scatters or groups the bits that a mask selects."],
  [/^(BSL[12]N|NBSL)$/, "Takes each bit from one operand or the other, as a third says, with inversions."],
  [/^EOR(BT|TB)$/, "Exclusive OR of even elements with odd ones."],
  [
    /^(CADD|SQCADD|CMLA|CDOT|SQRDCMLAH)$/,
    "Computes with complex integers, one of them rotated by a multiple of 90 degrees.",
  ],
];

const rules = [
  ...integer,
  ...memory,
  ...system,
  ...crypto,
  ...floats,
  ...predicates,
  ...vectors,
  ...furtherVectors,
];

/** The sentence for a definition's name; undefined where there is none. */
export function meaningOf(name: string): string | undefined {
  const [mnemonic = name] = name.split(/[ ,]/);
  for (const [pattern, sentence] of rules) {
    const found = pattern.exec(mnemonic);
    if (!found) continue;
    const text = typeof sentence === "string" ? sentence : sentence(found);
    return [text, ...remarks(name, mnemonic)].join(" ");
  }
  return undefined;
}

const setsFlags = /^(ADD|SUB|AND|BIC|ADC|SBC)S$/;

function remarks(name: string, mnemonic: string): string[] {
  return [
    ...setsFlags.test(mnemonic) ? ["The flags N, Z, C and V say what it gave."] : [],
    ...name.includes("post-indexed") ? ["The base register moves on afterwards."] : [],
    ...name.includes("pre-indexed") ? ["The base register moves first."] : [],
    ...name.includes("predicated") && !name.includes("unpredicated")
      ? ["Only the active lanes take part."]
      : [],
  ];
}
