// What is printed of a guest that cannot go on: of each vcpu its last exits, its last exceptions, its registers.

import { describeException, type TakenException } from "../kvm/syndrome.ts";
import type { Machine } from "./machine.ts";
import { registerReport } from "./register_report.ts";

/** No vcpu may be running. */
export function deathReport(machine: Machine): string {
  return machine.virtual.vcpus.flatMap((vcpu) => [
    ...section(`vcpu ${vcpu.index}, its last exits to the monitor:`, machine.lastExits(vcpu.index)),
    ...section(
      `vcpu ${vcpu.index}, its last exceptions:`,
      machine.lastExceptions(vcpu.index).map(describeException),
    ),
    registerReport(vcpu),
  ]).join("\n");
}

/** The oldest line first; those that are the same in a row once. */
function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const counted: { line: string; times: number }[] = [];
  for (const line of lines) {
    const last = counted.at(-1);
    if (last?.line === line) last.times++;
    else counted.push({ line, times: 1 });
  }
  return [title, ...counted.map(({ line, times }) => `  ${line}${times > 1 ? ` (${times} times)` : ""}`)];
}

/** As much of a Machine as tells its vcpus' last exceptions. */
interface Exceptional {
  readonly virtual: { readonly vcpus: readonly { readonly index: number }[] };
  lastExceptions(vcpu: number): readonly TakenException[];
}

/** What a guest that was stopped seems to be caught in; empty where nothing does. */
export function caughtIn(machine: Exceptional): string[] {
  return machine.virtual.vcpus.flatMap(({ index }) => {
    const exceptions = machine.lastExceptions(index);
    const [first] = exceptions;
    const isFull = exceptions.length >= leastToTell && first?.kind === "synchronous";
    if (!isFull || !exceptions.every((one) => isSame(one, first))) return [];
    return [`vcpu ${index} took the same exception again and again: ${describeException(first)}`];
  });
}

const leastToTell = 16;

const isSame = (one: TakenException, other: TakenException) =>
  one.esr === other.esr && one.far === other.far && one.pc === other.pc && one.kind === other.kind;
