// The person's side of the guest's console: stdin to the guest, the guest's output to stdout, and the keys that
// are the monitor's own.

import type { Machine } from "../machine/machine.ts";

const ctrlA = 1;
const ctrlC = "Ctrl-C goes to the guest; it stops a guest that does not read it.";

/** What follows Ctrl-A, by key. */
export type MonitorKeys = Readonly<Record<string, { readonly does: string; readonly act: () => void }>>;

function monitorKeys(machine: Machine): MonitorKeys {
  const keys: MonitorKeys = {
    x: { does: "quit", act: () => machine.stop() },
    p: { does: "press the power button", act: () => pressOrRing(machine) },
    b: { does: "send a break (Linux: SysRq)", act: () => machine.sendBreak() },
    h: { does: "list these keys", act: () => printOnTerminal(keysHelp(keys, ctrlC)) },
  };
  return keys;
}

/** @param interrupt what becomes of Ctrl-C */
export function keysHelp(keys: MonitorKeys, interrupt: string): string {
  const lines = Object.entries(keys).map(([key, { does }]) => `Ctrl-A ${key}: ${does}`);
  return ["", ...lines, "Ctrl-A Ctrl-A: send Ctrl-A to the guest", interrupt, ""].join("\r\n");
}

/** Splits what is typed into what goes to the guest, which is returned, and what the monitor is told. */
export function createKeyFilter(keys: MonitorKeys): (typed: Uint8Array) => Uint8Array {
  let isCommand = false;
  return (typed) => {
    const passed: number[] = [];
    for (const byte of typed) {
      if (isCommand && byte !== ctrlA) keys[String.fromCharCode(byte).toLowerCase()]?.act();
      else if (isCommand || byte !== ctrlA) passed.push(byte);
      isCommand = !isCommand && byte === ctrlA;
    }
    return new Uint8Array(passed);
  };
}

/** Feeds stdin to the guest until there is no more. A terminal is raw from here until `restoreTerminal`. */
export async function feedInput(machine: Machine) {
  const isTerminal = Deno.stdin.isTerminal();
  if (isTerminal) {
    Deno.stdin.setRaw(true);
    machine.isInteractive = true;
  } else {
    machine.awaitInput();
  }
  const filter = createKeyFilter(monitorKeys(machine));
  const piece = new Uint8Array(4096);
  for (let count = await read(piece); count !== null; count = await read(piece)) {
    const typed = piece.subarray(0, count);
    if (isTerminal) offerOrRing(machine, filter(typed));
    else await machine.type(typed);
  }
  machine.endInput();
}

function pressOrRing(machine: Machine) {
  if (!machine.pressPowerButton()) printOnTerminal("\x07");
}

/** A person is not kept waiting, nor the keys that are the monitor's: what the guest has no room for is refused. */
function offerOrRing(machine: Machine, typed: Uint8Array) {
  if (machine.offer(typed) < typed.length) printOnTerminal("\x07");
}

async function read(into: Uint8Array): Promise<number | null> {
  try {
    return await Deno.stdin.read(into);
  } catch {
    // A terminal that hangs up has nothing more to say.
    return null;
  }
}

export const printOnTerminal = (text: string) => void Deno.stderr.writeSync(new TextEncoder().encode(text));

export function restoreTerminal() {
  if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(false);
}

/** Writes the guest's output until it ends. A reader that went away stops the machine. */
export async function showOutput(machine: Machine) {
  let isOpen = true;
  for await (const bytes of machine.output()) {
    if (!isOpen) continue;
    try {
      for (let done = 0; done < bytes.length;) done += await Deno.stdout.write(bytes.subarray(done));
    } catch {
      isOpen = false;
      machine.stop();
    }
  }
}
