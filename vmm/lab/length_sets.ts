// Sets of vector lengths that are worth trying on a host: those it accepts, and those that show why it refuses others.

import { acceptableSets, longest, quadword } from "../kvm/vector_lengths.ts";

/** Of a host with at most so many lengths every subset is tried. */
const mostForEverySubset = 4;

/** Sets of lengths in bits, each ascending and none twice; none for a host without SVE. */
export function lengthSetsToTry(host: readonly number[]): number[][] {
  if (host.length === 0) return [];
  const sets = host.length <= mostForEverySubset ? everySubset(host) : [[], ...tellingSubsets(host)];
  return withoutRepeats([...acceptableSets(host), ...sets, ...withForeignLength(host)]);
}

/** The same for several hosts, so that each is asked what the others are. */
export const lengthSetsToTryOn = (hosts: readonly (readonly number[])[]): number[][] =>
  withoutRepeats(hosts.flatMap(lengthSetsToTry));

const everySubset = (lengths: readonly number[]): number[][] =>
  Array.from({ length: 2 ** lengths.length }, (_, set) => lengths.filter((_, index) => set >> index & 1));

/** Each length alone, all lengths but one, and the powers of two. */
const tellingSubsets = (host: readonly number[]): number[][] => [
  ...host.map((length) => [length]),
  ...host.map((length) => host.filter((other) => other !== length)),
  host.filter((length) => Number.isInteger(Math.log2(length))),
];

/** The shortest length that the host lacks, with all that are shorter, and with all of the host's. */
function withForeignLength(host: readonly number[]): number[][] {
  const lengths = Array.from({ length: longest / quadword + 1 }, (_, index) => (index + 1) * quadword);
  const foreign = lengths.find((length) => !host.includes(length))!;
  const ascending = [...host, foreign].sort((a, b) => a - b);
  return [ascending.filter((length) => length <= foreign), ascending];
}

const withoutRepeats = (sets: readonly number[][]): number[][] => [
  ...new Map(sets.map((set) => [set.join(), set])).values(),
];

/** Steps from which on lengths in a row are shortened. */
const leastRun = 3;

/** `{128, 512…2048}`: three lengths in a row or more are named by their first and last. */
export function formatLengthSet(lengths: readonly number[]): string {
  const runs: number[][] = [];
  for (const length of lengths) {
    const run = runs.at(-1);
    if (run && run.at(-1)! + quadword === length) run.push(length);
    else runs.push([length]);
  }
  const shown = runs.map((run) => run.length < leastRun ? run.join(", ") : `${run[0]}…${run.at(-1)}`);
  return `{${shown.join(", ")}}`;
}
