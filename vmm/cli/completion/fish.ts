// Completion for fish (its documentation, "complete - edit command-specific tab-completions").

import type { Candidates, CommandCompletion, OptionCompletion } from "./completions.ts";

/** In single quotes, where fish has two escapes. */
const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

const whichCommand = (name: string) => `-n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;

/** What `complete` is told of values: files are completed unless it is told not to. */
function values(of: Candidates): string {
  if (of === "files") return "-F";
  if (of === undefined) return "-f";
  return `-f -a ${quoted(of === "vms" ? "(velum ps --quiet 2>/dev/null)" : of.join(" "))}`;
}

function optionLine(
  command: string,
  { name, short, help, takesValue, values: of }: OptionCompletion,
): string {
  const spelling = `-l ${name}${short ? ` -s ${short}` : ""}`;
  return `complete -c velum ${whichCommand(command)} ${spelling}${takesValue ? ` -r ${values(of)}` : ""} -d ${
    quoted(help)
  }`;
}

const commandLines = ({ name, summary, options, operands }: CommandCompletion): string[] => [
  `complete -c velum -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
  `complete -c velum ${whichCommand(name)} ${values(operands)}`,
  ...options.map((option) => optionLine(name, option)),
];

export const fishCompletion = (commands: readonly CommandCompletion[]): string =>
  ["complete -c velum -f", ...commands.flatMap(commandLines)].join("\n");
