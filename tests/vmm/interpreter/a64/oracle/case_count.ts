// How many random cases there are of each instruction: few in the everyday tests, as many as VELUM_CASES says in
// the long ones.

const variable = "VELUM_CASES";

/** Throws `RangeError` if the environment's number is none. */
export function caseCount(everyday: number): number {
  const asked = Deno.env.get(variable);
  if (asked === undefined) return everyday;
  if (!/^[1-9]\d*$/.test(asked)) {
    throw new RangeError(`${variable} is "${asked}": a number of cases, from 1 up`);
  }
  return Number(asked);
}
