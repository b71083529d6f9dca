// A matrix in few rows: only those combinations are shown that do not follow from smaller ones.

import { formatLengthSet } from "./length_sets.ts";
import type { Combination, HostMatrix, Tried } from "./matrix.ts";

/** A combination, or several sets of lengths that fare alike on every host. */
export interface SummaryRow {
  readonly label: string;
  /** By host: 0, an error's name, or undefined for what was not tried. */
  readonly answers: readonly (0 | string | undefined)[];
  /** By host; of a refusal: which call refused, and why in a clause. */
  readonly reasons: readonly (string | undefined)[];
}

/** A reason that several refusals share, but for the lengths in it. */
export interface Reason {
  /** `a`, `b`, ... */
  readonly mark: string;
  /** As it is of the first row that has it. */
  readonly text: string;
  readonly example: { readonly label: string; readonly host: number };
  readonly hasVariants: boolean;
}

/** Each reason once. */
export function reasonsOf(rows: readonly SummaryRow[]): Reason[] {
  const said = rows.flatMap(({ label, reasons }) =>
    reasons.flatMap((text, host) => text ? [{ text, example: { label, host } }] : [])
  );
  return [...Map.groupBy(said, ({ text }) => withoutNumbers(text)).values()].map((group, index) => ({
    ...group[0]!,
    mark: String.fromCharCode("a".charCodeAt(0) + index),
    hasVariants: group.some(({ text }) => text !== group[0]!.text),
  }));
}

/** The reason that a row's refusal on a host has. */
export const markOf = (reasons: readonly Reason[], text: string): string =>
  reasons.find((reason) => withoutNumbers(reason.text) === withoutNumbers(text))!.mark;

/** More rows of vector lengths than this are drawn together where they fare alike. */
const mostLengthRows = 12;
/** So many sets are named of those that are drawn together. */
const mostNamed = 3;

const SVE = "KVM_ARM_VCPU_SVE";
const keyOf = ({ features, vectorLengths }: Combination) =>
  `${features.join("|")} ${vectorLengths?.join() ?? "as it is"}`;

/**
 * The combinations that tell all: one that is the sum of smaller accepted ones is accepted itself unless it has a
 * row, and one that has a smaller refused one in it is refused unless it has a row.
 */
export function summarize(hosts: readonly HostMatrix[]): SummaryRow[] {
  const rows = new Map(
    hosts.flatMap(({ combinations }) => telling(combinations).map((one) => [keyOf(one), one])),
  );
  const answered = hosts.map(({ combinations }) => new Map(combinations.map((one) => [keyOf(one), one])));
  const drawn = [...rows.values()].toSorted(byRank).map((one) => rowOf(one, answered));
  const isOfLengths = (row: Drawn) => row.combination.vectorLengths !== undefined;
  return drawn.filter(isOfLengths).length > mostLengthRows
    ? [...drawn.filter((row) => !isOfLengths(row)), ...drawTogether(drawn.filter(isOfLengths))]
    : drawn;
}

interface Drawn extends SummaryRow {
  readonly combination: Combination;
}

/** Without lengths first, few features first, accepted lengths before refused ones, as they were tried. */
function byRank(a: Tried, b: Tried): number {
  const rank = ({ features, vectorLengths, answer }: Tried) =>
    (vectorLengths ? 100 : 0) + 10 * features.length + (answer === 0 ? 0 : 1);
  return rank(a) - rank(b);
}

function rowOf(combination: Combination, answered: readonly ReadonlyMap<string, Tried>[]): Drawn {
  const without = { features: combination.features };
  const tried = answered.map((host) => host.get(keyOf(combination)) ?? host.get(keyOf(without)));
  return {
    combination,
    label: formatCombination(combination),
    answers: tried.map((one) => one?.answer),
    reasons: tried.map((one) => one?.because && `${one.ioctl}: ${one.because}`),
  };
}

/** `PMU_V3 | SVE {128, 256}`, or `no feature`. */
export function formatCombination({ features, vectorLengths }: Combination): string {
  const names = features.map((name) => {
    const short = name.replace("KVM_ARM_VCPU_", "");
    return name === SVE && vectorLengths ? `${short} ${formatLengthSet(vectorLengths)}` : short;
  });
  return names.join(" | ") || "no feature";
}

/** Features as bits, and the set of lengths as a word, so that parts are found quickly. */
interface Coded {
  readonly one: Tried;
  readonly bits: number;
  readonly size: number;
  readonly lengths: string | undefined;
}

function telling(combinations: readonly Tried[]): Tried[] {
  const names = [...new Set(combinations.flatMap(({ features }) => features))];
  const coded = combinations.map((one): Coded => ({
    one,
    bits: one.features.reduce((bits, name) => bits | 1 << names.indexOf(name), 0),
    size: one.features.length,
    lengths: one.features.includes(SVE) ? one.vectorLengths?.join() ?? "as it is" : undefined,
  }));
  return coded.filter((whole) => !follows(whole, coded)).map(({ one }) => one);
}

function follows(whole: Coded, all: readonly Coded[]): boolean {
  const parts = all.filter((part) =>
    part.size < whole.size && (part.bits & ~whole.bits) === 0 &&
    (part.lengths === undefined || part.lengths === whole.lengths)
  );
  const sum = parts.filter(({ one }) => one.answer === 0);
  const isSum = sum.length > 0 && sum.reduce((bits, part) => bits | part.bits, 0) === whole.bits;
  if (isSum) return whole.one.answer === 0;
  return whole.one.answer !== 0 && parts.some(({ one }) => one.answer !== 0);
}

/** Rows of sets that fare alike, each with the first of them named. */
function drawTogether(rows: readonly Drawn[]): SummaryRow[] {
  const alike = Map.groupBy(
    rows,
    ({ combination: { features }, answers, reasons }) =>
      [...features, ...answers, ...reasons.map(withoutNumbers)].join(),
  );
  return [...alike.values()].map((group) => {
    const [first] = group;
    if (group.length === 1) return first!;
    const named = group.slice(0, mostNamed).map(({ combination }) =>
      formatLengthSet(combination.vectorLengths!)
    );
    const more = group.length - named.length;
    return {
      ...first!,
      label: [formatCombination({ features: first!.combination.features }), named.join(", ")].join(" ") +
        (more ? ` and ${more} more` : ""),
    };
  });
}

const withoutNumbers = (text: string | undefined) => text?.replaceAll(/\d+/g, "n");
