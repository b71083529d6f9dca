// Two dumps of registers compared, but for counters.

import { type DecodedField, decodeFields } from "../kvm/register_fields.ts";
import { isCounter } from "./counters.ts";
import type { RegisterDump } from "./register_dump_schema.ts";

export interface RegisterDifference {
  readonly vcpu: number;
  readonly name: string;
  /** None where a dump does not have the register, or the vcpu. */
  readonly a: string | undefined;
  readonly b: string | undefined;
  /** The fields that differ, where the register has any that are known. */
  readonly fields: readonly string[];
}

export function diffDumps(a: RegisterDump, b: RegisterDump): RegisterDifference[] {
  const [first, second] = [a, b].map(valuesOf) as [Values, Values];
  const keys = [...new Set([...first.keys(), ...second.keys()])];
  return keys.flatMap((key) => {
    const one = first.get(key), other = second.get(key);
    if (one?.value === other?.value) return [];
    const { vcpu, name } = (one ?? other)!;
    return [{
      vcpu,
      name,
      a: one?.value,
      b: other?.value,
      fields: differingFields(name, one?.value, other?.value),
    }];
  });
}

type Values = Map<string, { vcpu: number; name: string; value: string }>;

const valuesOf = ({ vcpus }: RegisterDump): Values =>
  new Map(
    vcpus.flatMap(({ vcpu, registers }) =>
      registers.filter(({ name }) => !isCounter(name)).map(({ name, value }) =>
        [`${vcpu} ${name}`, { vcpu, name, value: value.toLowerCase() }] as const
      )
    ),
  );

function differingFields(name: string, a: string | undefined, b: string | undefined): string[] {
  if (a === undefined || b === undefined) return [];
  const [before, after] = [a, b].map((value) =>
    new Map(decodeFields(name, BigInt(value)).map((field) => [field.name, field]))
  ) as [Map<string, DecodedField>, Map<string, DecodedField>];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.filter((field) => (before.get(field)?.value ?? 0) !== (after.get(field)?.value ?? 0))
    .map((field) => `${field} ${tell(before.get(field))} -> ${tell(after.get(field))}`);
}

const tell = (field: DecodedField | undefined) =>
  field ? `${field.value}${field.means ? ` (${field.means})` : ""}` : "0";
