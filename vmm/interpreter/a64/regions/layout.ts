// How a region's blocks become structured code: in the order of their places, one after the other, where a loop that
// contains no other and is entered at its beginning only is a loop of WebAssembly's. All other branches backwards go
// through one dispatch.

import type { Block, Plan } from "./plan.ts";

/** A block, or those of a loop, of which the first is its beginning. */
export interface Unit {
  readonly blocks: readonly Block[];
  readonly isLoop: boolean;
}

/** Where it is entered: its first instruction's offset. */
export const startOf = ({ blocks }: Unit): number => blocks[0]!.at;

/** Whether the next block in the page may come after it. */
export const fallsThrough = ({ leaves, instructions }: Block): boolean =>
  !leaves && !instructions.at(-1)!.uses.alwaysBranches;

/** Where it goes on within the page, by offsets. */
function successors(block: Block): number[] {
  const targets = block.instructions.flatMap(({ to }) => to === undefined ? [] : [to]);
  return fallsThrough(block) ? [...targets, block.end] : targets;
}

interface Edge {
  readonly from: number;
  readonly to: number;
}

/** Edges between blocks, by their numbers. */
function edgesOf(blocks: readonly Block[]): Edge[] {
  const numbers = new Map(blocks.map(({ at }, index) => [at, index]));
  return blocks.flatMap((block, from) =>
    successors(block).flatMap((at) => {
      const to = numbers.get(at);
      return to === undefined ? [] : [{ from, to }];
    })
  );
}

/** The loops that can be WebAssembly's: from their first block's number to their last. */
function loopsOf({ blocks, entries }: Plan): Map<number, number> {
  const edges = edgesOf(blocks);
  const ends = new Map<number, number>();
  for (const { from, to } of edges) if (to <= from) ends.set(to, Math.max(from, ends.get(to) ?? 0));
  return new Map([...ends].filter(([first, last]) => {
    const inside = (n: number) => n > first && n <= last;
    if (blocks.some(({ at }, n) => inside(n) && (entries.has(at) || ends.has(n)))) return false;
    return edges.every(({ from, to }) => !inside(to) || from >= first && from <= last);
  }));
}

export function unitsOf(plan: Plan): Unit[] {
  const { blocks } = plan;
  const loops = loopsOf(plan);
  const units: Unit[] = [];
  for (let n = 0; n < blocks.length;) {
    const last = loops.get(n);
    units.push({ blocks: blocks.slice(n, (last ?? n) + 1), isLoop: last !== undefined });
    n = (last ?? n) + 1;
  }
  return units;
}

/**
 * The blocks before whose first instruction the flags have to be there, by their offsets: not those that set them before
 * they are asked for and before the region can be left, which any branch can do when no more is to be run.
 */
export function flagsLiveAt(blocks: readonly Block[]): ReadonlySet<number> {
  const live = new Set<number>();
  for (const block of blocks.toReversed()) {
    const decides = block.instructions.find(({ uses }) =>
      uses.readsFlags || uses.writesFlags || uses.mayLeave || uses.branches
    );
    const isDead = decides
      ? decides.uses.writesFlags && !decides.uses.readsFlags && !decides.uses.mayLeave
      : !block.leaves && !live.has(block.end);
    if (!isDead) live.add(block.at);
  }
  return live;
}
