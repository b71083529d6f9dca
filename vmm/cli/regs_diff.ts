// velum regs diff: what differs between two dumps of registers.

import { RequestError } from "../kvm/request_error.ts";
import { readInputFile } from "./input_files.ts";
import { formatTable } from "./table.ts";

/** Returns 1 where the dumps differ. */
export async function compareDumps(files: readonly string[], isJson: boolean): Promise<number> {
  const [a, b, ...more] = files;
  if (a === undefined || b === undefined || more.length) {
    throw new RequestError(
      "operands",
      "velum regs diff compares two dumps, as velum regs --json writes them",
    );
  }
  const [{ parseRegisterDump }, { diffDumps }] = await Promise.all([
    import("../lab/register_dump_schema.ts"),
    import("../lab/register_dump_diff.ts"),
  ]);
  const read = (file: string) =>
    parseRegisterDump(file, new TextDecoder().decode(readInputFile("dump", file)));
  const differences = diffDumps(read(a), read(b));
  if (isJson) console.log(JSON.stringify(differences, null, 2));
  else if (differences.length) {
    console.log(
      formatTable(differences.map(({ vcpu, name, a, b, fields }) => [
        `vcpu ${vcpu}`,
        name,
        shown(a),
        shown(b),
        fields.join(", "),
      ])).replaceAll(/ +$/gm, ""),
    );
  }
  return differences.length ? 1 : 0;
}

const widest = 40;

function shown(value: string | undefined): string {
  if (value === undefined) return "not there";
  return value.length > widest ? `…${value.slice(-widest)}` : value;
}
