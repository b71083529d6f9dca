// A machine that a file describes. --config names one, or a vcpu's configuration: the file's member `schema` says
// which it is.

import { dirname } from "@std/path";
import type { MachineConfiguration } from "../daemon/machine_configuration_schema.ts";
import { RequestError } from "../kvm/request_error.ts";
import type { TranscriptTarget } from "../machine/transcript_output.ts";
import { withTranscript } from "../machine/transcript_output.ts";
import { chooseBackend } from "../machine/backends.ts";
import type { MachineOptions } from "../machine/machine.ts";
import { readInputFile } from "./input_files.ts";
import type { Given, Options } from "./options.ts";

export const machineFileOptions: Options = {
  config: {
    value: "FILE",
    help: "the machine's configuration, a JSON file; paths in it are relative to its folder",
  },
};

/** For the daemon. Throws RequestError. */
export async function machineConfigurationOf(given: Given): Promise<MachineConfiguration> {
  const [guest, second] = given.operands;
  const file = given.one("config");
  if (second !== undefined) {
    throw new RequestError("guest", `one guest is wanted, and "${second}" is named too`);
  }
  if (guest !== undefined && file !== undefined) {
    throw new RequestError("guest", `both the guest "${guest}" and --config are given; give one of them`);
  }
  return file === undefined ? { guest: guest ?? "hello" } : await readMachineFile(file);
}

/** The configuration in a file, its paths absolute. Throws RequestError. */
async function readMachineFile(file: string): Promise<MachineConfiguration> {
  const text = new TextDecoder().decode(readInputFile("config", file));
  const [{ parseMachineConfiguration }, { resolvePaths }] = await Promise.all([
    import("../daemon/machine_configuration_schema.ts"),
    import("../daemon/machine_paths.ts"),
  ]);
  return resolvePaths(parseMachineConfiguration("config", file, text), dirname(Deno.realPathSync(file)));
}

/** Whether --config names a machine. A file that is no JSON is left for its reader to complain of. */
export function isMachineFileGiven(given: Given): boolean {
  if (!given.has("config")) return false;
  const text = new TextDecoder().decode(readInputFile("config", given.one("config")!));
  try {
    const { schema } = JSON.parse(text) as { schema?: unknown };
    return typeof schema === "string" && schema.startsWith("velum/machine/");
  } catch {
    return false;
  }
}

/** Options of run that say nothing of the machine, and so go with its file. */
const besideFile = ["config", "timeout", "stats", "dump-dtb", "transcript", "transcript-format"];

export interface MachineFile {
  readonly options: MachineOptions;
  /** Its limit of time. */
  readonly seconds: number | undefined;
}

/** The machine of --config. Throws RequestError. @param transcript what the command line asks for */
export async function machineFileOf(
  given: Given,
  transcript: TranscriptTarget | undefined,
): Promise<MachineFile> {
  const also = [...given.values.keys()].find((name) =>
    !besideFile.includes(name) && !name.startsWith("trace")
  );
  if (also !== undefined || given.operands.length) {
    const what = also === undefined ? `the guest "${given.operands[0]}"` : `--${also}`;
    throw new RequestError(
      also ?? "guest",
      `--config says what the machine is, and ${what} does too; write it in the file`,
    );
  }
  const configuration = await readMachineFile(given.one("config")!);
  const { machineOptionsOf } = await import("../daemon/machine_options.ts");
  const { backend: choice = "auto", host, deterministic = false, seed = 0, limits } = configuration;
  const target = transcript ?? (configuration.transcript ? { format: "text" } as const : undefined);
  const tell = (sentence: string) => console.error(`velum: ${sentence}`);
  const backend = chooseBackend(choice, host, tell, deterministic ? seed : undefined);
  return {
    options: machineOptionsOf(configuration, withTranscript(backend, target), target),
    seconds: limits?.wallSeconds,
  };
}
