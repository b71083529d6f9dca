// What a benchmark reports: rows of the table, printed as JSON by the script that measured them in the bed.

export type Unit = "us" | "ms" | "s" | "MiB" | "%";

export interface Row {
  readonly what: string;
  /** Velum's, in `unit`; with several rounds, their median. */
  readonly value: number;
  readonly unit: Unit;
  /** The same of something else, measured in the same run. */
  readonly beside?: { readonly what: string; readonly value: number };
  /** Of the value to the one beside it; with several rounds, the median of each round's ratio. */
  readonly ratio?: number;
  readonly target?: Target;
}

export interface Target {
  readonly of: "value" | "ratio";
  /** In the row's unit, or as a ratio. */
  readonly atMost: number;
  /** Where it is to be met, if not in the bed too. */
  readonly where?: string;
}

/** What was measured in rounds, beside the same of something else in each. */
export interface Paired {
  readonly what: string;
  readonly unit: Unit;
  readonly values: readonly number[];
  readonly beside: { readonly what: string; readonly values: readonly number[] };
  /** The ratio's target. */
  readonly atMost?: number;
}

export const pairedRow = ({ what, unit, values, beside, atMost }: Paired): Row => ({
  what,
  unit,
  value: median(values),
  beside: { what: beside.what, value: median(beside.values) },
  ratio: median(values.map((value, round) => value / beside.values[round]!)),
  ...(atMost !== undefined && { target: { of: "ratio", atMost } }),
});

/** Prints a script's rows and ends it: whatever it still runs is not waited for. */
export function report(rows: readonly Row[]): never {
  console.log(JSON.stringify(rows));
  Deno.exit(0);
}

/** Whether the row meets its target; undefined without one. */
export function meetsTarget({ value, ratio, target }: Row): boolean | undefined {
  if (!target) return undefined;
  const measured = target.of === "ratio" ? ratio : value;
  return measured !== undefined && measured <= target.atMost;
}

/** The middle value, or the mean of the two in the middle. Throws RangeError on none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new RangeError("nothing has no median");
  return (low + high) / 2;
}
