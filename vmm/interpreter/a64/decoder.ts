// From an instruction word to its definition and from there to an op (Arm DDI 0487, "Top-level encodings for
// A64").

import { type Definition, type Fields } from "./definition.ts";
import { handlers, instructionSize, opField, opShift, opSize, undefinedInstruction } from "./op.ts";
import { pageSize } from "./cpu_layout.ts";
import { fusedConditions } from "./instructions/addition.ts";
import { fieldsOf, matches, parsePattern } from "./pattern.ts";

/** A definition with one choice of what its code depends on. */
export interface Form {
  readonly definition: Definition;
  readonly fields: Fields;
  /** Of a branch: whether it stays within the page. */
  readonly isNear: boolean;
  /** Of a comparison with the conditional branch after it, which stays within the page: the condition. */
  readonly cond?: number;
}

const conditionalBranch = parsePattern("0101010 0 imm19:19 0 cond:4");

/** Of a conditional branch that can be done as one with the comparison before it: the condition. */
export function fusedConditionOf(word: number): number | undefined {
  if (!matches(conditionalBranch, word)) return undefined;
  const cond = word & 0xf;
  return fusedConditions.includes(cond) ? cond : undefined;
}

/** Bits 31 to 21 choose the list that is searched. */
const keyShift = 21;

export class Decoder {
  /** Those of hot instructions first. */
  readonly forms: Form[] = [];
  readonly #numbers = new Map<Definition, Map<string, number>>();
  readonly #candidates = new Map<number, readonly Definition[]>();

  /** @param offers whether the vcpu has what an instruction needs */
  constructor(
    readonly definitions: readonly Definition[],
    readonly offers: (definition: Definition) => boolean,
  ) {
    for (const isHot of [true, false]) {
      for (const definition of definitions) {
        if (definition.emit && (definition.isHot ?? false) === isHot) this.#addForms(definition);
      }
    }
  }

  #addForms(definition: Definition) {
    const numbers = new Map<string, number>();
    this.#numbers.set(definition, numbers);
    for (const fields of combinations(definition)) {
      for (const isNear of definition.branchOffset ? [false, true] : [false]) {
        numbers.set(formKey(definition, fields, isNear), handlers.count + this.forms.length);
        this.forms.push({ definition, fields, isNear });
      }
      for (const cond of definition.emitCompared ? fusedConditions : []) {
        numbers.set(fusedKey(definition, fields, cond), handlers.count + this.forms.length);
        this.forms.push({ definition, fields, isNear: true, cond });
      }
    }
  }

  /** Undefined for a word that no definition has. */
  find(word: number): Definition | undefined {
    return this.#candidatesOf(word >>> keyShift).find((definition) => fits(definition, word));
  }

  #candidatesOf(key: number): readonly Definition[] {
    let list = this.#candidates.get(key);
    if (!list) {
      const bits = (key << keyShift) >>> 0;
      list = this.definitions.filter((definition) => {
        const { mask, value } = definition.pattern;
        const upper = mask >>> keyShift << keyShift;
        return ((bits ^ value) & upper) === 0 && this.offers(definition);
      });
      this.#candidates.set(key, list);
    }
    return list;
  }

  /**
   * Writes the op of an instruction.
   * @param at where the op lies in `view`
   * @param inPage the instruction's offset in its page of code
   * @param next the instruction after it, if one op may stand for both: its own op is written too
   */
  writeOp(view: DataView, at: number, word: number, inPage: number, next?: number) {
    const definition = this.find(word);
    if (!definition?.emit) {
      const index = definition ? this.definitions.indexOf(definition) : undefinedInstruction;
      view.setUint16(at + opField.operands[0], index, true);
      view.setBigInt64(at + opField.immediate, BigInt(word), true);
      return view.setUint16(at + opField.handler, handlers.run, true);
    }
    const fields = withPseudoFields(fieldsOf(definition.pattern, word));
    const offset = definition.branchOffset?.(fields);
    const isNear = offset !== undefined && inPage + offset >= 0 && inPage + offset < pageSize &&
      inPage % instructionSize === 0;
    writeOperands(view, at, definition, fields, isNear ? offset << opShift : offset);
    const isFused = next !== undefined && this.#isFused(definition, next, inPage + instructionSize);
    if (isFused) this.writeOp(view, at + opSize, next, inPage + instructionSize);
    const key = isFused
      ? fusedKey(definition, fields, fusedConditionOf(next)!)
      : formKey(definition, fields, isNear);
    const number = this.#numbers.get(definition)!.get(key)!;
    // Last, and at once: who sees the handler sees its operands.
    view.setUint16(at + opField.handler, number, true);
  }

  #isFused(definition: Definition, next: number, nextInPage: number): boolean {
    if (!definition.emitCompared || fusedConditionOf(next) === undefined) return false;
    const offset = this.find(next)?.branchOffset?.(fieldsOf(conditionalBranch, next));
    if (offset === undefined) return false;
    const to = nextInPage + offset;
    return to >= 0 && to < pageSize && nextInPage % instructionSize === 0;
  }
}

function writeOperands(
  view: DataView,
  at: number,
  { operands = {}, immediate }: Definition,
  fields: Fields,
  branch: number | undefined,
) {
  const values = Object.values(operands);
  const constant = branch ?? immediate?.(fields) ?? 0;
  if (values.length > 3) view.setInt32(at + opField.immediate, Number(constant), true);
  else view.setBigInt64(at + opField.immediate, BigInt.asIntN(64, BigInt(constant)), true);
  values.forEach((operand, index) => view.setUint16(at + opField.operands[index]!, operand(fields), true));
}

function fits(definition: Definition, word: number): boolean {
  if (!matches(definition.pattern, word)) return false;
  return definition.valid?.(fieldsOf(definition.pattern, word)) ?? true;
}

/** `isSp`: whether the base register is SP, whose alignment may be checked. */
export function withPseudoFields(fields: Record<string, number>): Fields {
  return fields.Rn === undefined ? fields : { ...fields, isSp: fields.Rn === 31 ? 1 : 0 };
}

const fusedKey = (definition: Definition, fields: Fields, cond: number) =>
  `${formKey(definition, fields, false)} then ${cond}`;

const formKey = ({ forms = [] }: Definition, fields: Fields, isNear: boolean) =>
  forms.map((name) => fields[name]).join() + (isNear ? " near" : "");

/** Every choice of values of the fields that the code depends on. */
function combinations({ name, pattern, forms = [] }: Definition): Fields[] {
  let choices: Record<string, number>[] = [{}];
  for (const form of forms) {
    const width = form === "isSp" ? 1 : pattern.fields.find((field) => field.name === form)?.width;
    if (width === undefined) throw new Error(`${name} has no field "${form}"`);
    choices = choices.flatMap((one) =>
      Array.from({ length: 2 ** width }, (_, value) => ({ ...one, [form]: value }))
    );
  }
  return choices;
}
