// velum stats: what VMs have used and counted.

import { formatSize } from "../../guest/ram.ts";
import { vmPath } from "../daemon/client.ts";
import type { VmStats } from "../daemon/vm_messages.ts";
import { clientOf, clientOptions } from "./daemon_options.ts";
import type { Command, Given } from "./options.ts";
import { formatTable } from "./table.ts";

export const stats: Command = {
  operands: "[NAME]...",
  options: clientOptions,
  run: tellStats,
};

interface Told {
  readonly name: string;
  readonly stats: VmStats;
}

async function tellStats(given: Given): Promise<number> {
  using client = clientOf(given);
  const isAll = given.operands.length === 0;
  const names = isAll ? (await client.vms()).map(({ name }) => name) : given.operands;
  const told = await Promise.all(names.map(async (name): Promise<Told | undefined> => {
    try {
      return { name, stats: await client.json("GET", vmPath(name, "stats")) };
    } catch (error) {
      // Of all VMs, those that have none are left out.
      if (isAll) return undefined;
      throw error;
    }
  }));
  const known = told.filter((one) => one !== undefined);
  if (given.has("json")) {
    console.log(JSON.stringify(known.map(({ name, stats }) => ({ name, ...stats })), null, 2));
  } else {console.log(
      formatTable([["NAME", "CPU", "GUEST", "MEMORY", "INSTRUCTIONS", "EXITS", "MMIO"], ...known.map(row)]),
    );}
  return 0;
}

function row(
  { name, stats: { cpuSeconds, guestSeconds, residentBytes, instructions, counts } }: Told,
): string[] {
  const exits = counts.exits.map(sum).reduce((all, one) => all + one, 0);
  return [
    name,
    `${(cpuSeconds.user + cpuSeconds.system).toFixed(2)} s`,
    `${guestSeconds.toFixed(2)} s`,
    formatSize(residentBytes),
    instructions === null ? "-" : instructions.toLocaleString("en-US"),
    String(exits),
    String(sum(counts.mmio)),
  ];
}

const sum = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((all, count) => all + count, 0);
