// velum baseline: the most that a vcpu can be on every one of several hosts.

import { baseline as computeBaseline } from "../lab/baseline.ts";
import { formatLengths } from "../kvm/vector_lengths.ts";
import { RequestError } from "../kvm/request_error.ts";
import { writeOutputFile } from "./input_files.ts";
import type { Command, Given } from "./options.ts";
import { formatTable } from "./table.ts";

export const baseline: Command = {
  operands: "HOST HOST...",
  options: {
    write: {
      value: "FILE",
      help: "write the vcpu's configuration, which run and negotiate take by --config",
    },
    json: { help: "print JSON: the configuration, what it costs whom, and what stands in the way" },
  },
  notes: [
    "A HOST is a file that velum probe --json wrote, a host that velum hosts names, or this, for this machine.",
    "Exit status: 1 where no configuration lets a guest move between all of them, with the reasons.",
  ],
  run: compareHosts,
};

async function compareHosts(given: Given): Promise<number> {
  const { operands } = given;
  if (operands.length < 2) {
    throw new RequestError("operands", "velum baseline compares hosts: name two of them at least");
  }
  const twice = operands.find((name, index) => operands.indexOf(name) !== index);
  if (twice !== undefined) throw new RequestError("operands", `the host ${twice} is named twice`);
  const { readHost } = await import("../lab/fleet.ts");
  const result = computeBaseline(operands.map(readHost));
  const { configuration, costs, obstacles } = result;
  const text = JSON.stringify(configuration, null, 2) + "\n";
  if (given.has("write")) writeOutputFile("write", given.one("write")!, new TextEncoder().encode(text));
  if (given.has("json")) {
    console.log(JSON.stringify(result, null, 2));
  } else {
    const registers = Object.entries(configuration.idRegisters);
    console.log(formatTable([
      ["SVE vector lengths", formatLengths(configuration.vectorLengths)],
      ["Pointer authentication", configuration.ptrauth ? "yes" : "no"],
      ["Performance monitors", configuration.pmu ? "yes" : "no"],
      ["Guest-physical address bits", configuration.ipaBits ?? ""],
      ...registers.map(([name, value]) => [name, value]),
    ]));
    print("What it costs", costs);
    print("What stands in the way", obstacles);
  }
  return obstacles.length ? 1 : 0;
}

function print(heading: string, sentences: readonly string[]) {
  if (sentences.length) {
    console.log(`\n${heading}\n${sentences.map((sentence) => `  ${sentence}`).join("\n")}`);
  }
}
