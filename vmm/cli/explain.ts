// velum explain: what instruction words are.

import type { EncodingPart, Explanation } from "../interpreter/a64/explanation.ts";
import { RequestError } from "../kvm/request_error.ts";
import { readInputFile } from "./input_files.ts";
import type { Command, Given } from "./options.ts";
import { parseCount } from "./quantities.ts";
import { formatTable } from "./table.ts";

export const explain: Command = {
  operands: "WORD...",
  options: {
    host: {
      value: "HOST",
      help: "say whether this host has it: a host that velum hosts names, or a JSON file",
    },
    file: {
      value: "FILE",
      help: "explain words of this file too, little-endian as a guest's memory has them",
    },
    at: { value: "OFFSET", help: "where in the file they begin, in bytes: 64 or 0x40 (0)" },
    count: { value: "N", help: "how many of them (1)" },
    json: { help: "print JSON" },
  },
  notes: [
    "A WORD is an instruction's 32 bits as a hexadecimal number, 91000420 or 0x91000420, or in binary:",
    "0b10010001000000000000010000100000.",
    "Undefined means that the interpreter has no such instruction, so that it takes an exception there.",
  ],
  run: explainWords,
};

async function explainWords(given: Given): Promise<number> {
  const words = [...given.operands.map(parseWord), ...wordsOfFile(given)];
  if (words.length === 0) {
    throw new RequestError("word", "velum explain needs an instruction word, as in velum explain 91000420");
  }
  // Loaded here alone: every other command starts without the instructions.
  const { explainer } = await import("../interpreter/a64/explanation.ts");
  const explanations = words.map(explainer(given.one("host")));
  console.log(
    given.has("json")
      ? JSON.stringify(explanations, null, 2)
      : explanations.map(formatExplanation).join("\n\n"),
  );
  return 0;
}

/** Throws RequestError. */
function parseWord(text: string): number {
  const digits = text.match(/^(?:0x)?([0-9a-f]{1,8})$/i)?.[1];
  if (digits !== undefined) return parseInt(digits, 16);
  const bits = text.match(/^0b([01]{32})$/i)?.[1];
  if (bits !== undefined) return parseInt(bits, 2);
  throw new RequestError(
    "word",
    `"${text}" is no instruction word; it is a hexadecimal number of at most 32 bits, as 91000420`,
  );
}

/** Throws RequestError. */
function wordsOfFile(given: Given): number[] {
  const file = given.one("file");
  const orphan = ["at", "count"].find((option) => given.has(option));
  if (file === undefined) {
    if (orphan === undefined) return [];
    throw new RequestError(orphan, `--${orphan} says which words of a file; give --file FILE with it`);
  }
  const bytes = readInputFile("file", file);
  const at = parseOffset(given.one("at") ?? "0");
  const count = parseCount("count", given.one("count") ?? "1");
  if (at + 4 * count > bytes.length) {
    throw new RequestError(
      "at",
      `${file} has ${bytes.length} bytes, so that ${count} words from byte ${at} on are not all there`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, n) => view.getUint32(at + 4 * n, true));
}

/** Throws RequestError. */
function parseOffset(text: string): number {
  const offset = /^(0x[0-9a-f]+|[0-9]+)$/i.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(offset)) return offset;
  throw new RequestError("at", `"${text}" is no offset in a file; give bytes, as 64 or 0x40`);
}

function formatExplanation(explanation: Explanation): string {
  const { word, name, assembly, meaning, parts, fields, sentences } = explanation;
  if (name === undefined) return `${word}  undefined: no instruction here has this encoding`;
  const values = Object.entries(fields);
  const rows: [string, string][] = values.map(([field, value]) => [`  ${field}`, formatValue(value)]);
  return [
    `${word}  ${assembly}`,
    "",
    ...drawing(parts),
    "",
    `Instruction  ${name}`,
    ...meaning === undefined ? [] : [`Meaning      ${meaning}`],
    ...rows.length ? ["Fields", formatTable(rows)] : [],
    `Needs        ${formatNeeds(explanation)}`,
    ...explanation.host ? [`Host         ${formatHost(explanation.host)}`] : [],
    ...sentences,
  ].join("\n");
}

const formatValue = (value: number) => value < 10 ? String(value) : `${value} (0x${value.toString(16)})`;

function formatNeeds({ needs }: Explanation): string {
  if (needs.length === 0) return "nothing: every arm64 vcpu has it";
  return needs.map(({ field, least }) => `${field} of at least ${least}`).join(", or ");
}

const formatHost = ({ name, hasIt }: { name: string; hasIt: boolean }) =>
  hasIt ? `${name} has it` : `${name} lacks it, and it is undefined there`;

/** The manual's boxes: which bits, what they are, what they are in this word. */
function drawing(parts: readonly EncodingPart[]): string[] {
  const columns = parts.map(({ from, to, name, bits }) => {
    const cells = [from === to ? String(from) : `${from}:${to}`, name ?? bits, bits];
    const width = Math.max(...cells.map(({ length }) => length));
    return cells.map((cell) => cell.padEnd(width));
  });
  return [0, 1, 2].map((row) => "| " + columns.map((cells) => cells[row]!).join(" | ") + " |");
}
