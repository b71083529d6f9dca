// From the command line to one command, and from what went wrong to one line on stderr and an exit status.

import { GuestImageError } from "../../guest/guest_error.ts";
import { KvmError } from "../kvm/kvm_error.ts";
import { RequestError } from "../kvm/request_error.ts";
import { commands } from "./commands.ts";
import { commandHelp, parseOptions } from "./options.ts";

/** Runs the command that `args` name; returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    console.log(await help());
    return name === undefined ? 2 : 0;
  }
  try {
    const command = Object.hasOwn(commands, name) ? await commands[name]!() : undefined;
    if (!command) {
      throw new RequestError(
        "command",
        `there is no command "${name}"; the commands are ${Object.keys(commands).join(", ")}`,
      );
    }
    if (beforeOperands(rest).some((arg) => arg === "--help" || arg === "-h")) {
      console.log(commandHelp(name, command));
      return 0;
    }
    return await command.run(parseOptions(name, command, rest));
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error;
    console.error(`velum: ${(error as Error).message}`);
    return status;
  }
}

const beforeOperands = (args: readonly string[]) =>
  args.includes("--") ? args.slice(0, args.indexOf("--")) : args;

/** A permission that Deno was not given is the caller's to give, and Deno's message says which. */
const callersErrors = [RequestError, GuestImageError, Deno.errors.NotCapable];
/** The machine, the kernel or the daemon is at fault. */
const othersErrors = [KvmError, Deno.errors.ConnectionReset];

function statusOf(error: unknown): number | undefined {
  if (callersErrors.some((kind) => error instanceof kind)) return 2;
  return othersErrors.some((kind) => error instanceof kind) ? 1 : undefined;
}

async function help(): Promise<string> {
  const width = Math.max(...Object.keys(commands).map((name) => name.length)) + 2;
  const rows = Object.entries(commands).map(async ([name, load]) =>
    "  " + name.padEnd(width) + (await load()).summary
  );
  return [
    "velum: a minimal virtual machine monitor for arm64 guests",
    "",
    ...await Promise.all(rows),
    "",
    "velum COMMAND --help tells a command's options.",
  ].join("\n");
}
