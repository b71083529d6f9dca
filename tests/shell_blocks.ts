// The commands that a page shows in its fenced blocks, each with the output under it.

export interface ShownCommand {
  readonly words: readonly string[];
  /** A line that is … alone stands for any lines. */
  readonly output: readonly string[];
}

/** `$ velum probe` and what follows it, of every block that begins with a command. */
export function commandsOf(page: string): ShownCommand[] {
  const blocks = [...page.matchAll(/^```\n(\$ [\s\S]*?)\n```$/gm)].map(([, text]) => text!.split("\n"));
  return blocks.flatMap((lines) => {
    const starts = lines.flatMap((line, index) => line.startsWith("$ ") ? [index] : []);
    return starts.map((start, index) => ({
      words: lines[start]!.slice(2).split(" "),
      output: lines.slice(start + 1, starts[index + 1]),
    }));
  });
}

/** The files that are shown with cat, by name. */
export const filesOf = (commands: readonly ShownCommand[]): Map<string, string> =>
  new Map(
    commands.filter(({ words }) => words[0] === "cat").map(({ words, output }) => [
      words[1]!,
      output.join("\n") + "\n",
    ]),
  );

/** The first line shown that is not where it should be among those printed; undefined if all are. */
export function findMissing(shown: readonly string[], printed: readonly string[]): string | undefined {
  let at = 0;
  let maySkip = false;
  for (const line of shown) {
    if (line === "…") {
      maySkip = true;
      continue;
    }
    const found = maySkip ? printed.indexOf(line, at) : printed[at] === line ? at : -1;
    if (found < 0) return line;
    at = found + 1;
    maySkip = false;
  }
  return maySkip || at === printed.length ? undefined : `the end, in place of "${printed[at]}"`;
}
