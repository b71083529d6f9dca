// Completion for bash (Bash Reference Manual, "Programmable Completion").

import { type Candidates, type CommandCompletion, optionCases } from "./completions.ts";

/** Words of ours: they hold nothing that a shell takes for its own. */
const words = (list: readonly string[]) => `"${list.join(" ")}"`;

function reply(of: Candidates): string {
  if (of === undefined) return ":";
  if (of === "files") return `compopt -o filenames; COMPREPLY=($(compgen -f -- "$current"))`;
  const list = of === "vms" ? `"$(eval "\${COMP_WORDS[0]} ps --quiet" 2>/dev/null)"` : words(of);
  return `COMPREPLY=($(compgen -W ${list} -- "$current"))`;
}

function commandCase({ name, options, operands }: CommandCompletion): string[] {
  const all = options.map((option) => `--${option.name}`);
  return [
    `    ${name})`,
    `      if [[ $current == -* ]]; then ${reply(all)}`,
    `      else ${reply(operands)}; fi ;;`,
  ];
}

export const bashCompletion = (commands: readonly CommandCompletion[]): string =>
  [
    "_velum() {",
    "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}",
    "  # In --option=value the sign is a word of its own.",
    "  if [[ $current == = ]]; then current=; fi",
    "  if [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi",
    "  COMPREPLY=()",
    `  if (( COMP_CWORD == 1 )); then ${reply(commands.map(({ name }) => name))}; return; fi`,
    "  case $command:$previous in",
    ...commands.flatMap((command) => optionCases(command, reply)),
    "  esac",
    "  case $command in",
    ...commands.flatMap(commandCase),
    "  esac",
    "}",
    "complete -F _velum velum",
  ].join("\n");
