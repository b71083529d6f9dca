// The options of a command: one table gives what is parsed and what --help prints.

import { parseArgs } from "@std/cli/parse-args";
import { RequestError } from "../kvm/request_error.ts";

export interface Option {
  /** What stands for its value in the help; none for a switch. */
  readonly value?: string;
  /** Whether the value may be left out. */
  readonly optional?: true;
  readonly repeats?: true;
  /** One letter that may stand for it, after one dash. */
  readonly short?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

export interface Command {
  /** What may follow the command's name beside options; none if nothing may. */
  readonly operands?: string;
  readonly options: Options;
  /** Lines that end the help. */
  readonly notes?: readonly string[];
  /** Returns the process's exit status. */
  run(given: Given): Promise<number>;
}

/** What was given on the command line. */
export class Given {
  constructor(
    readonly operands: readonly string[],
    readonly values: ReadonlyMap<string, readonly string[]>,
  ) {}

  has(option: string): boolean {
    return this.values.has(option);
  }

  /** The last value given. */
  one(option: string): string | undefined {
    return this.values.get(option)?.at(-1);
  }

  all(option: string): readonly string[] {
    return this.values.get(option) ?? [];
  }
}

/** Throws RequestError for what the command does not know. */
export function parseOptions(name: string, command: Command, args: readonly string[]): Given {
  const { options } = command;
  const names = Object.keys(options);
  const takesValue = names.filter((option) => options[option]!.value);
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const spelledOut = args.map((arg, n) => n < end && isBareOptional(arg, options) ? arg + "=" : arg);
  const parsed = parseArgs(spelledOut, {
    string: [...takesValue, "_"],
    boolean: names.filter((option) => !options[option]!.value),
    collect: takesValue,
    alias: Object.fromEntries(
      names.flatMap((option) => options[option]!.short ? [[options[option]!.short, option]] : []),
    ),
    "--": true,
    unknown(argument, key) {
      if (key !== undefined) {
        throw new RequestError(
          key,
          `there is no option ${argument.split("=")[0]}; velum ${name} --help lists those there are`,
        );
      }
    },
  });
  const operands = [...parsed._.map(String), ...(parsed["--"] as string[] | undefined ?? [])];
  if (!command.operands && operands.length) {
    throw new RequestError("operands", `velum ${name} takes options only, and was given "${operands[0]}"`);
  }
  return new Given(operands, collect(options, parsed));
}

const isBareOptional = (arg: string, options: Options) =>
  arg.startsWith("--") && !!options[arg.slice(2)]?.optional;

function collect(options: Options, parsed: Record<string, unknown>): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, option] of Object.entries(options)) {
    const given = parsed[name];
    if (!option.value) {
      if (given === true) values.set(name, []);
      continue;
    }
    const list = given as string[];
    if (list.length === 0) continue;
    if (list.includes("") && !option.optional) {
      throw new RequestError(name, `--${name} needs a value, as in --${name} ${option.value}`);
    }
    if (list.length > 1 && !option.repeats) {
      throw new RequestError(name, `--${name} is given ${list.length} times; give it once`);
    }
    values.set(name, list);
  }
  return values;
}

/** What `velum NAME --help` prints. */
export function commandHelp(name: string, summary: string, command: Command): string {
  const rows = Object.entries(command.options).map(([option, { value, optional, short, help }]) => {
    const shown = value === undefined ? "" : optional ? `[=${value}]` : ` ${value}`;
    return [`  ${short ? `-${short}, ` : ""}--${option}${shown}`, help] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [
    `velum ${name}${command.operands ? " " + command.operands : ""} [OPTION]...`,
    summary,
    "",
    ...rows.map(([left, help]) => left.padEnd(width) + help),
    ...command.notes?.length ? ["", ...command.notes] : [],
  ].join("\n");
}
