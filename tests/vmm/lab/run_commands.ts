// Runs in the test bed: several Velum commands in one process, which a bed starts slowly. Each argument is a
// command as a JSON list of words; prints as JSON what came of each.

import { main } from "../../../vmm/cli/main.ts";

export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

if (import.meta.main) {
  const print = console.log;
  const results: CommandResult[] = [];
  for (const command of Deno.args) {
    const [stdout, stderr]: [string[], string[]] = [[], []];
    console.log = (text: string) => void stdout.push(text);
    console.error = (text: string) => void stderr.push(text);
    const status = await main(JSON.parse(command));
    results.push({ status, stdout: stdout.join("\n"), stderr: stderr.join("\n") });
  }
  print(JSON.stringify(results));
  Deno.exit(0);
}
