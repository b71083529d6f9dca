// velum completion: a script that makes a shell complete velum's command line.

import { RequestError } from "../kvm/request_error.ts";
import { commands } from "./commands.ts";
import { bashCompletion } from "./completion/bash.ts";
import { type CommandCompletion, completionOf } from "./completion/completions.ts";
import { fishCompletion } from "./completion/fish.ts";
import { zshCompletion } from "./completion/zsh.ts";
import type { Command, Given } from "./options.ts";

const shells: Readonly<Record<string, (commands: readonly CommandCompletion[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export const completion: Command = {
  operands: Object.keys(shells).join("|"),
  options: {},
  notes: ["The shell is to know a command of the name velum: a function, an alias or a program."],
  run: printCompletion,
};

async function printCompletion({ operands: [shell = "", ...others] }: Given): Promise<number> {
  const script = others.length === 0 && Object.hasOwn(shells, shell) ? shells[shell] : undefined;
  if (!script) {
    throw new RequestError(
      "shell",
      `velum completion takes one shell of ${Object.keys(shells).join(", ")}, and was given "${
        [shell, ...others].join(" ")
      }"`,
    );
  }
  const all = Object.entries(commands).map(async ([name, { summary, load }]) =>
    completionOf(name, summary, await load())
  );
  console.log(script(await Promise.all(all)));
  return 0;
}
