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

/** Every form of the hot instructions among these, in the order of their handlers. */
export const hotForms = (definitions: readonly Definition[]): readonly Form[] =>
  definitions.filter(({ emit, isHot }) => emit && isHot).flatMap((definition) =>
    combinations(definition).flatMap((fields) => formsOf(definition, fields))
  );

function formsOf(definition: Definition, fields: Fields): Form[] {
  const alone = (definition.branchOffset ? [false, true] : [false])
    .map((isNear): Form => ({ definition, fields, isNear }));
  const fused = (definition.emitCompared ? fusedConditions : [])
    .map((cond): Form => ({ definition, fields, isNear: true, cond }));
  return [...alone, ...fused];
}

/** Thrown where an instruction's definition is one of those that are still to be added. */
export const notLoaded = Symbol("the definition is not loaded");

/** Bits 31 to 21 choose the list that is searched. */
const keyShift = 21;

export class Decoder {
  /** The forms that follow the hot ones, as they are met. */
  readonly #cold: Form[] = [];
  /** The handlers. */
  readonly #numbers = new Map<Definition, Map<string, number>>();
  readonly #candidates = new Map<number, readonly Definition[]>();
  readonly #definitions: Definition[];
  #has: (word: number) => boolean;
  /** Whether `notLoaded` was thrown, and nothing was added since. */
  wantsMore = false;

  /**
   * @param offers whether the vcpu has what an instruction needs
   * @param has whether a word's definition is among these; if it has one, it is added later where it is not
   * @param hot `hotForms` of these, where they are known
   */
  constructor(
    definitions: readonly Definition[],
    readonly offers: (definition: Definition) => boolean,
    has: (word: number) => boolean = () => true,
    readonly hot = hotForms(definitions),
  ) {
    this.#definitions = [...definitions];
    this.#has = has;
    hot.forEach((form, index) => this.#number(form, handlers.count + index));
  }

  get definitions(): readonly Definition[] {
    return this.#definitions;
  }

  /** All that were missing. */
  add(definitions: readonly Definition[]) {
    this.#definitions.push(...definitions);
    this.#has = () => true;
    this.wantsMore = false;
  }

  #number({ definition, fields, isNear, cond }: Form, number: number) {
    const numbers = this.#numbers.get(definition) ?? new Map<string, number>();
    this.#numbers.set(definition, numbers);
    numbers.set(formKey(definition, fields, isNear, cond), number);
  }

  #numberOf(definition: Definition, all: Fields, isNear: boolean, cond?: number): number {
    const known = this.#numbers.get(definition)?.get(formKey(definition, all, isNear, cond));
    if (known !== undefined) return known;
    const fields = Object.fromEntries((definition.forms ?? []).map((name) => [name, all[name]!]));
    const form: Form = { definition, fields, isNear, ...cond !== undefined && { cond } };
    const number = this.firstCold + this.#cold.length;
    this.#cold.push(form);
    this.#number(form, number);
    return number;
  }

  /** The first handler of an instruction that is not hot. */
  get firstCold(): number {
    return handlers.count + this.hot.length;
  }

  /** @param handler from `firstCold` on, of an instruction that was met */
  coldForm(handler: number): Form {
    return this.#cold[handler - this.firstCold]!;
  }

  /** Undefined for a word that no definition has. Throws `notLoaded`. */
  find(word: number): Definition | undefined {
    if (!this.#has(word)) {
      this.wantsMore = true;
      throw notLoaded;
    }
    return this.#candidatesOf(word >>> keyShift).find((definition) => fits(definition, word));
  }

  #candidatesOf(key: number): readonly Definition[] {
    let list = this.#candidates.get(key);
    if (!list) {
      const bits = (key << keyShift) >>> 0;
      list = this.#definitions.filter((definition) => {
        const { mask, value } = definition.pattern;
        const upper = mask >>> keyShift << keyShift;
        return ((bits ^ value) & upper) === 0 && this.offers(definition);
      });
      this.#candidates.set(key, list);
    }
    return list;
  }

  /**
   * Writes the op of an instruction. Throws `notLoaded`.
   * @param at where the op lies in `view`
   * @param inPage the instruction's offset in its page of code
   * @param next the instruction after it, if one op may stand for both: its own op is written too
   */
  writeOp(view: DataView, at: number, word: number, inPage: number, next?: number) {
    const definition = this.find(word);
    if (!definition?.emit) {
      const index = definition ? this.#definitions.indexOf(definition) : undefinedInstruction;
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
    const number = isFused
      ? this.#numberOf(definition, fields, true, fusedConditionOf(next))
      : this.#numberOf(definition, fields, isNear);
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

const formKey = ({ forms = [] }: Definition, fields: Fields, isNear: boolean, cond?: number) =>
  forms.map((name) => fields[name]).join() + (cond === undefined ? isNear ? " near" : "" : ` then ${cond}`);

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
