// The command line of the test bed: runs a Velum command, or any program, on real arm64 KVM.

import { parseArgs } from "@std/cli/parse-args";
import { attach } from "./attach.ts";
import { BedError, UsageError } from "./errors.ts";
import { hostShapes } from "./host_shapes.ts";

const help = `Runs a Velum command on real arm64 KVM: Debian's arm64 kernel under QEMU.

usage: deno task kvm-host [--cpu SHAPE] [--timeout S] COMMAND...

  COMMAND...    a Velum command and its arguments (run, probe, negotiate, ...);
                or "sh", or the absolute path of a program in the bed, and its arguments
  --cpu SHAPE   the host's processor; "max" unless given, "help" lists them
  --timeout S   end the command after S seconds, with status 124
  --help        this text

Files that the arguments name are in the bed at the same paths, and come back if the command changes
them. The project is there too. The exit status is the command's. On a terminal, Ctrl-] leaves the bed.
`;

const STATUS_OF_FAILURE = 1, STATUS_OF_BAD_REQUEST = 2;

interface Request {
  readonly shape: string;
  readonly timeoutSeconds: number | undefined;
  readonly command: readonly string[];
  readonly help: boolean;
}

function parse(args: readonly string[]): Request {
  const flags = parseArgs(args, {
    string: ["cpu", "timeout"],
    boolean: ["help"],
    stopEarly: true,
    unknown: (argument, name) => {
      if (name !== undefined) {
        throw new UsageError(`There is no option ${argument}; --help lists the options.`);
      }
    },
  });
  const request = {
    shape: typeof flags["cpu"] === "string" ? flags["cpu"] : "max",
    timeoutSeconds: typeof flags["timeout"] === "string" ? seconds(flags["timeout"]) : undefined,
    command: flags._.map(String),
    help: flags["help"] === true,
  };
  if (request.command.length === 0 && !request.help && request.shape !== "help") {
    throw new UsageError("A command is missing: name a Velum command, sh, or a program's absolute path.");
  }
  return request;
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value > 0) return value;
  throw new UsageError(`A timeout is a whole number of seconds above zero, not "${text}".`);
}

async function main(args: readonly string[]): Promise<number> {
  const { shape, timeoutSeconds, command, help: helpAsked } = parse(args);
  if (helpAsked) {
    console.log(help.trimEnd());
    return 0;
  }
  if (shape === "help") {
    for (const { name, about } of hostShapes) console.log(`${name.padEnd(12)}${about}`);
    return 0;
  }
  return await attach(shape, command, timeoutSeconds);
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof BedError)) throw error;
  console.error(error.message);
  Deno.exit(error instanceof UsageError ? STATUS_OF_BAD_REQUEST : STATUS_OF_FAILURE);
}
