// velum matrix: every combination of features and vector lengths, on one host or several.

import type { Backend } from "../kvm/backend.ts";
import { RequestError } from "../kvm/request_error.ts";
import type { Boot } from "../lab/matrix_guests.ts";
import type { HostMatrix } from "../lab/matrix.ts";
import type { Reason, SummaryRow } from "../lab/matrix_summary.ts";
import type { Command, Given } from "./options.ts";
import { formatTable } from "./table.ts";

const onlyGuest = "features";

export const matrix: Command = {
  operands: "[HOST...]",
  options: {
    guest: {
      value: "GUEST",
      help: `boot ${onlyGuest} in each accepted combination, and check that it sees what was negotiated`,
    },
    json: { help: "print JSON: every combination that was tried, with its answer and why" },
  },
  notes: [
    "A HOST is a file that velum probe --json wrote, a host that velum hosts names, or this, for this machine",
    "(which is meant if none is named). Exit status: 1 if a guest sees something else than what was negotiated.",
  ],
  run: tryMatrix,
};

async function tryMatrix(given: Given): Promise<number> {
  const [{ backendOfHost, thisHost }, { tryEverything }, { Kvm }] = await Promise.all([
    import("../lab/fleet.ts"),
    import("../lab/matrix.ts"),
    import("../kvm/system.ts"),
  ]);
  const names = given.operands.length ? given.operands : [thisHost];
  checkRequest(given, names);
  const hosts = names.map((name) => ({ name, kvm: Kvm.open(backendOfHost(name)) }));
  const tried = tryEverything(hosts);
  hosts.forEach(({ kvm }) => kvm.close());
  const silent = (name: string) => backendOfHost(name, () => {});
  const boots = given.has("guest") ? await bootAll(tried, silent) : undefined;
  if (given.has("json")) console.log(JSON.stringify(toJson(tried, boots), null, 2));
  else await print(tried, boots);
  return boots?.some(({ differs }) => differs.length) ? 1 : 0;
}

/** Throws RequestError. */
function checkRequest(given: Given, names: readonly string[]) {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new RequestError("operands", `the host ${twice} is named twice`);
  const guest = given.one("guest") ?? onlyGuest;
  if (guest !== onlyGuest) {
    throw new RequestError(
      "guest",
      `"${guest}" tells nothing that can be checked; the guest that does is ${onlyGuest}`,
    );
  }
}

/** With progress where stderr is a terminal. */
async function bootAll(tried: readonly HostMatrix[], backendOf: (host: string) => Backend): Promise<Boot[]> {
  const { bootEach } = await import("../lab/matrix_guests.ts");
  const isTerminal = Deno.stderr.isTerminal();
  const encoder = new TextEncoder();
  const show = (text: string) => isTerminal && Deno.stderr.writeSync(encoder.encode(`\r\x1b[K${text}`));
  try {
    return await bootEach(tried, backendOf, (ended, of) => show(`${ended} of ${of} guests have ended`));
  } finally {
    show("");
  }
}

function toJson(tried: readonly HostMatrix[], boots: readonly Boot[] | undefined) {
  return {
    schema: "velum/matrix/1",
    hosts: tried.map(({ name, combinations }) => ({
      name,
      combinations: combinations.map((one) => {
        const boot = boots?.find(({ host, combination }) => host === name && combination === one);
        return { ...one, ...boot && { differsInside: boot.differs } };
      }),
    })),
  };
}

async function print(tried: readonly HostMatrix[], boots: readonly Boot[] | undefined) {
  const { formatCombination, markOf, reasonsOf, summarize } = await import("../lab/matrix_summary.ts");
  const rows = summarize(tried);
  const reasons = reasonsOf(rows);
  const cell = (row: SummaryRow, host: number) => {
    const [answer, reason] = [row.answers[host], row.reasons[host]];
    return answer === 0 ? "yes" : reason ? `${answer} ${markOf(reasons, reason)}` : "-";
  };
  console.log(formatTable([
    ["", ...tried.map(({ name }) => name)],
    ...rows.map((row) => [row.label, ...tried.map((_, host) => cell(row, host))]),
    ["combinations tried", ...tried.map(({ combinations }) => combinations.length)],
    [
      "combinations accepted",
      ...tried.map(({ combinations }) => combinations.filter(({ answer }) => answer === 0).length),
    ],
  ]));
  console.log(
    "\nA combination without a row of its own is accepted if it consists of accepted ones, and refused if a\n" +
      "refused one is in it.",
  );
  if (reasons.length) {
    console.log("\nWhy not\n" + reasons.map((reason) => `  ${sentence(reason, tried)}`).join("\n"));
  }
  if (boots) printBoots(boots, formatCombination);
}

function sentence(
  { mark, text, example: { label, host }, hasVariants }: Reason,
  tried: readonly HostMatrix[],
) {
  const where = tried.length > 1 ? ` on ${tried[host]!.name}` : "";
  return `${mark}  ${text}` + (hasVariants ? ` (${label}${where}; elsewhere with other lengths)` : "");
}

function printBoots(
  boots: readonly Boot[],
  format: typeof import("../lab/matrix_summary.ts")["formatCombination"],
) {
  const differing = boots.filter(({ differs }) => differs.length);
  console.log(
    `\n${boots.length} guests booted, in each accepted combination with PSCI_0_2, which Velum gives every guest: ` +
      (differing.length
        ? `${differing.length} see something else than what was negotiated`
        : "each sees what was negotiated"),
  );
  for (const { host, combination, differs } of differing) {
    for (const sentence of differs) console.log(`  ${host}, ${format(combination)}: ${sentence}`);
  }
}
