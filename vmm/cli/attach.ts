// velum attach: this terminal as the console of a VM in the daemon.

import { type Client, vmPath } from "../daemon/client.ts";
import type { VmBody } from "../daemon/schemas.ts";
import { clientOf, clientOptions, vmName } from "./daemon_options.ts";
import { describeEnding, statusOfEnding } from "./ending_text.ts";
import type { Command, Given } from "./options.ts";
import { createKeyFilter, keysHelp, type MonitorKeys, printOnTerminal, restoreTerminal } from "./terminal.ts";

/** Bytes of what was said before that are shown first. */
const shownBefore = 4096;
/** Milliseconds after which a guest that had no room for input is offered it again. */
const patience = 20;

export const attach: Command = {
  operands: "NAME",
  options: {
    offset: { value: "BYTES", help: `begin at this offset of the console; else ${shownBefore} bytes back` },
    ...clientOptions,
  },
  notes: [
    "Exit status: that of velum run where the run ends meanwhile; 0 when detached.",
    "With --json: how the run ended, on stdout after the console's output.",
  ],
  run: attachToVm,
};

/** Undefined when detached. */
type Outcome = VmBody["ending"] | undefined;

async function attachToVm(given: Given): Promise<number> {
  const name = vmName(given);
  using client = clientOf(given);
  const { console: { end } } = await client.vm(name);
  const offset = given.one("offset") ?? String(Math.max(0, end - shownBefore));
  const socket = client.webSocket(`${vmPath(name, "attach")}?offset=${encodeURIComponent(offset)}`);
  globalThis.addEventListener("unload", restoreTerminal);
  try {
    const outcome = await converse(client, name, socket);
    restoreTerminal();
    if (given.has("json")) console.log(JSON.stringify({ ended: outcome ?? null }));
    else if (outcome) console.error(`velum: ${name} has ended: ${describeEnding(outcome)}`);
    return outcome ? statusOfEnding(outcome) : 0;
  } finally {
    restoreTerminal();
    socket.close();
  }
}

/** Throws Error where the daemon goes away. */
function converse(client: Client, name: string, socket: WebSocket): Promise<Outcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  socket.onopen = () => void feed(client, name, socket, () => resolve(undefined));
  socket.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) return show(new Uint8Array(data));
    const told = JSON.parse(data as string) as {
      ended?: VmBody["ending"];
      refused?: number;
      dropped?: number;
    };
    if (told.dropped) console.error(`\r\nvelum: ${told.dropped} bytes are missing here: they were dropped\r`);
    if (told.refused) printOnTerminal("\x07");
    if (told.ended) resolve(told.ended);
  };
  socket.onclose = () => reject(new ConnectionLost());
  return promise;
}

class ConnectionLost extends Deno.errors.ConnectionReset {
  constructor() {
    super("the daemon has gone away");
  }
}

/** Waits for a slow reader, and so the daemon does, in its turn. */
function show(bytes: Uint8Array) {
  for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
}

async function feed(client: Client, name: string, socket: WebSocket, detach: () => void) {
  if (!Deno.stdin.isTerminal()) return await feedFile(client, name);
  const keys: MonitorKeys = {
    x: { does: "detach; the guest runs on", act: detach },
    p: {
      does: "press the power button",
      act: () => void client.request("POST", vmPath(name, "press")).catch(() => printOnTerminal("\x07")),
    },
    h: { does: "list these keys", act: () => printOnTerminal(keysHelp(keys, "Ctrl-C goes to the guest.")) },
  };
  Deno.stdin.setRaw(true);
  const filter = createKeyFilter(keys);
  for await (const typed of Deno.stdin.readable) {
    const passed = filter(typed);
    if (passed.length && socket.readyState === WebSocket.OPEN) socket.send(passed as Uint8Array<ArrayBuffer>);
  }
}

/** A file's bytes wait until the guest has room for them. */
async function feedFile(client: Client, name: string) {
  for await (const piece of Deno.stdin.readable) {
    for (let rest = piece; rest.length > 0;) {
      const offered = rest.subarray(0, 1 << 12);
      const { accepted } = await client.json<{ accepted: number }>("POST", vmPath(name, "console"), offered)
        .catch(() => ({ accepted: rest.length }));
      rest = rest.subarray(accepted);
      if (accepted < offered.length) await new Promise((resolve) => setTimeout(resolve, patience));
    }
  }
}
