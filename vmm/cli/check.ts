// velum check: whether hosts can take a guest of a configuration.

import { RequestError } from "../kvm/request_error.ts";
import { readInputFile } from "./input_files.ts";
import type { Command, Given } from "./options.ts";

export const check: Command = {
  operands: "CONFIG HOST...",
  options: { json: { help: "print JSON: for each host, why not; nothing if it can" } },
  notes: [
    "CONFIG is what velum baseline --write wrote; a HOST is a file that velum probe --json wrote, a host that",
    "velum hosts names, or this, for this machine. Exit status: 1 if one of them cannot.",
  ],
  run: checkHosts,
};

async function checkHosts(given: Given): Promise<number> {
  const [file, ...names] = given.operands;
  if (file === undefined || names.length === 0) {
    throw new RequestError(
      "operands",
      "velum check takes a vcpu's configuration and the hosts to check it on",
    );
  }
  const [{ parseVcpuConfiguration }, { openHost }, { checkConfiguration }] = await Promise.all([
    import("../lab/vcpu_configuration_schema.ts"),
    import("../lab/fleet.ts"),
    import("../lab/configuration_check.ts"),
  ]);
  const configuration = parseVcpuConfiguration(file, new TextDecoder().decode(readInputFile("config", file)));
  const answers = names.map((name) => {
    const kvm = openHost(name);
    try {
      return { host: name, refusals: checkConfiguration(kvm, configuration) };
    } finally {
      kvm.close();
    }
  });
  if (given.has("json")) console.log(JSON.stringify(answers, null, 2));
  else answers.forEach(print);
  return answers.some(({ refusals }) => refusals.length) ? 1 : 0;
}

function print({ host, refusals }: { host: string; refusals: readonly string[] }) {
  if (refusals.length === 0) return console.log(`${host}: yes`);
  console.log(`${host}: no`);
  refusals.forEach((sentence) => console.log(`  ${sentence}`));
}
