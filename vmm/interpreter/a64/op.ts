// A decoded instruction as the engine runs it: 16 bytes, kept in pages that stand for pages of code.

import { pageSize } from "./cpu_layout.ts";

/** Bytes of an op, and of the instruction that it stands for. */
export const opSize = 16;
export const instructionSize = 4;
/** From an offset in a page of code to one in its page of ops: a shift. */
export const opShift = 2;

/** Byte offsets: the handler's number, three operands, then an immediate or a smaller one and two operands. */
export const opField = { handler: 0, operands: [2, 4, 6, 12, 14], immediate: 8 } as const;

const opsInPage = pageSize / instructionSize + 1;

/** In a page of ops: the one past the last instruction, which goes on to the next page. */
export const pageEndOp = (opsInPage - 1) * opSize;

/** Where a page of ops says whether it stands for a guarded page: in its last op's first operand, 16 bits. */
export const guardedFlag = pageEndOp + opField.operands[0];

/**
 * After the ops, what each had before a region began there: its handler and, beside it, the region's place in the table
 * of functions. From an op's offset in its page to that of this: a shift.
 */
export const regionEntry = { at: opsInPage * opSize, handler: 0, place: 2, shift: 2 } as const;

/** The ops of a page of code, one more, and their regions. */
export const opPageSize = Math.ceil(regionEntry.at / opSize + opsInPage / 2 ** regionEntry.shift) * opSize;

/** Handlers that no instruction has. */
export const handlers = {
  /** The instruction has not been decoded. */
  decode: 0,
  /** Past the last instruction of the page. */
  pageEnd: 1,
  /** The meaning is TypeScript: the first operand says whose, the immediate is the instruction. */
  run: 2,
  /** A compiled region may be entered here. */
  region: 3,
  count: 4,
} as const;

/**
 * An engine's table of functions has its regions' first: when these places are taken, all is compiled anew, as it is
 * found. After them come the instructions that are not hot, as they are met.
 */
export const mostRegions = 1024;

/** The first operand of an op whose instruction is undefined. */
export const undefinedInstruction = 0xffff;
