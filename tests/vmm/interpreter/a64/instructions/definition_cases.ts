// Random cases for the oracle, made from the definitions themselves: for each definition, and each form of it,
// words that are valid.

import { seededRandom } from "../../../../devices/random.ts";
import type { Random } from "../../../../devices/random.ts";
import { withPseudoFields } from "../../../../../vmm/interpreter/a64/decoder.ts";
import type { Definition, Fields } from "../../../../../vmm/interpreter/a64/definition.ts";
import { fieldsOf } from "../../../../../vmm/interpreter/a64/pattern.ts";
import { drawWord } from "../oracle/encodings.ts";

export interface DrawnWord {
  readonly definition: Definition;
  readonly fields: Fields;
  readonly word: number;
}

/** `perForm` words of each form. Throws if one has hardly a valid word, unless no word of the form is valid. */
export function wordsOf(definitions: readonly Definition[], perForm: number, seed: number): DrawnWord[] {
  const random = seededRandom(seed);
  return definitions.flatMap((definition) => wordsOfOne(random, definition, perForm));
}

const triesPerForm = 64;

function wordsOfOne(random: Random, definition: Definition, perForm: number): DrawnWord[] {
  const { pattern, forms = [], valid = () => true } = definition;
  const width = forms.reduce(
    (sum, name) => sum + (pattern.fields.find((f) => f.name === name)?.width ?? 1),
    0,
  );
  const counts = new Map<string, number>();
  const drawn: DrawnWord[] = [];
  for (let n = 0; n < perForm * triesPerForm * 2 ** width && drawn.length < perForm * 2 ** width; n++) {
    const word = drawWord(random, pattern);
    const fields = withPseudoFields(fieldsOf(pattern, word));
    if (!valid(fields)) continue;
    const form = forms.map((name) => fields[name]).join();
    const count = counts.get(form) ?? 0;
    if (count >= perForm) continue;
    counts.set(form, count + 1);
    drawn.push({ definition, fields, word });
  }
  if (drawn.length === 0) throw new Error(`no word of ${definition.name} is valid`);
  return drawn;
}
