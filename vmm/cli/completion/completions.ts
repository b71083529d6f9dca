// What can be completed on velum's command line, for every shell: read from the commands' own declarations, of which
// the words that stand for values say what the values are.

import { programs } from "../../../guest/programs.ts";
import { traceKinds } from "../../kvm/trace.ts";
import { hosts } from "../../machine/backends.ts";
import type { Command } from "../options.ts";

/** Words; or what the shell or the daemon knows. */
export type Candidates = readonly string[] | "files" | "vms" | undefined;

export interface OptionCompletion {
  readonly name: string;
  readonly short: string | undefined;
  readonly help: string;
  readonly takesValue: boolean;
  readonly values: Candidates;
}

export interface CommandCompletion {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionCompletion[];
  readonly operands: Candidates;
}

const guestNames = programs.map(({ name }) => name);

/** By the first word of what stands for a value or an operand. */
const candidates: Readonly<Record<string, Candidates>> = {
  FILE: "files",
  PATH: "files",
  DIR: "files",
  CONFIG: "files",
  NAME: "vms",
  GUEST: guestNames,
  HOST: hosts.map(({ name }) => name),
  SWITCH: ["on", "off", "auto"],
  LENGTHS: ["off", "auto"],
  BACKEND: ["auto", "kvm", "interpreter"],
  FORMAT: ["text", "json"],
  EVENTS: traceKinds,
  POINT: ["entry", "exit"],
};

/** Of `[GUEST [ARGUMENT]...]`, `FILE[,ro]` or `b|h|s|d`. */
function candidatesOf(text = ""): Candidates {
  if (/^[a-z]+(\|[a-z]+)+$/.test(text)) return text.split("|");
  return candidates[/[A-Z]+/.exec(text)?.[0] ?? ""];
}

export const completionOf = (
  name: string,
  summary: string,
  { options, operands }: Command,
): CommandCompletion => ({
  name,
  summary,
  operands: candidatesOf(operands),
  options: [
    ...Object.entries(options).map(([option, { value, short, help }]): OptionCompletion => ({
      name: option,
      short,
      help,
      takesValue: value !== undefined,
      values: candidatesOf(value),
    })),
    { name: "help", short: "h", help: "tell the options", takesValue: false, values: undefined },
  ],
});

/** Of a shell's case statement over COMMAND:PREVIOUS: what completes each option's value. */
export const optionCases = (
  { name, options }: CommandCompletion,
  complete: (values: Candidates) => string,
): string[] =>
  options.filter(({ takesValue }) => takesValue).map((option) => {
    const spellings = [`--${option.name}`, ...(option.short ? [`-${option.short}`] : [])];
    return `    ${spellings.map((one) => `${name}:${one}`).join("|")}) ${complete(option.values)}; return ;;`;
  });
