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
    console.log(help());
    return name === undefined ? 2 : 0;
  }
  try {
    const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!entry) {
      throw new RequestError(
        "command",
        `there is no command "${name}"; the commands are ${Object.keys(commands).join(", ")}`,
      );
    }
    const command = await entry.load();
    if (beforeOperands(rest).some((arg) => arg === "--help" || arg === "-h")) {
      console.log(commandHelp(name, entry.summary, command));
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

/** The same of Velum's own modules, which are read when they are wanted. */
const isModuleDenied = (error: unknown) =>
  error instanceof TypeError && error.message.startsWith("Requires read access");

function statusOf(error: unknown): number | undefined {
  if (isModuleDenied(error) || callersErrors.some((kind) => error instanceof kind)) return 2;
  return othersErrors.some((kind) => error instanceof kind) ? 1 : undefined;
}

function help(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length)) + 2;
  const rows = Object.entries(commands).map(([name, { summary }]) => "  " + name.padEnd(width) + summary);
  return [
    "velum: a minimal virtual machine monitor for arm64 guests",
    "",
    ...rows,
    "",
    "velum COMMAND --help tells a command's options.",
  ].join("\n");
}
