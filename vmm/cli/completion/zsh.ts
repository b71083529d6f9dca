// Completion for zsh (zshcompsys(1), "Utility functions").

import { type Candidates, type CommandCompletion, optionCases } from "./completions.ts";

/** In single quotes. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
/** A name and what it means, as `_describe` takes them. */
const described = (name: string, help: string) => quoted(`${name.replaceAll(":", "\\:")}:${help}`);

function add(of: Candidates): string {
  if (of === undefined) return ":";
  if (of === "files") return "_files";
  if (of === "vms") return `compadd -- \${(f)"$(eval "$words[1] ps --quiet" 2>/dev/null)"}`;
  return `compadd -- ${of.join(" ")}`;
}

const describe = (what: string, rows: readonly string[]) =>
  `local -a all=(${rows.join(" ")}); _describe ${what} all`;

function commandCase({ name, options, operands }: CommandCompletion): string[] {
  const rows = options.map((option) => described(`--${option.name}`, option.help));
  return [
    `    ${name})`,
    `      if [[ $words[CURRENT] == -* ]]; then ${describe("option", rows)}`,
    `      else ${add(operands)}; fi ;;`,
  ];
}

export const zshCompletion = (commands: readonly CommandCompletion[]): string =>
  [
    "#compdef velum",
    "_velum() {",
    "  if (( CURRENT == 2 )); then",
    `    ${describe("command", commands.map(({ name, summary }) => described(name, summary)))}`,
    "    return",
    "  fi",
    "  case $words[2]:$words[CURRENT-1] in",
    ...commands.flatMap((command) => optionCases(command, add)),
    "  esac",
    "  case $words[2] in",
    ...commands.flatMap(commandCase),
    "  esac",
    "}",
    "compdef _velum velum",
  ].join("\n");
