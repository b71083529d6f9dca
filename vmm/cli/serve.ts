// velum serve: the daemon.

import { GiB } from "../../guest/ram.ts";
import { grace, standby } from "../daemon/waiting_times.ts";
import { RequestError } from "../kvm/request_error.ts";
import { parseMemorySize } from "../machine/memory_size.ts";
import { environment, secondsOf, socketOf, socketOption } from "./daemon_options.ts";
import { readInputFile } from "./input_files.ts";
import type { Command, Given } from "./options.ts";
import { parseCount } from "./quantities.ts";

const defaults = { vms: 64, memory: 64 * GiB };
const shortestToken = 16;

export const serve: Command = {
  options: {
    ...socketOption,
    state: { value: "DIR", help: "keep VMs' configurations and endings there, for the next daemon" },
    "max-vms": { value: "N", help: `VMs at most (${defaults.vms})` },
    "max-memory": { value: "SIZE", help: `memory of one VM at most (${defaults.memory / GiB}G)` },
    grace: {
      value: "SECONDS",
      help: `that guests have to end by themselves when the daemon leaves (${grace.usual})`,
    },
    standby: {
      value: "SECONDS",
      help: `that a process is kept ready for the next VM like the last (${standby.usual}); 0 for none`,
    },
    tcp: { value: "ADDRESS:PORT", help: "listen there too; a loopback address, as 127.0.0.1:8080" },
    "token-file": { value: "FILE", help: "with --tcp: what clients send as Authorization: Bearer TOKEN" },
  },
  notes: [
    "A socket that systemd hands over is served beside --socket: see vmm/daemon/velum.socket.",
    "SIGTERM and SIGINT ask every guest to end, stop every VM, then the daemon; a second signal asks nobody.",
    "GET /openapi.json describes the API.",
    "Exit status: 0; 2 for what cannot be served, as where another daemon has the socket.",
  ],
  run: runServer,
};

async function runServer(given: Given): Promise<number> {
  const [{ startServer }, { isHandedSocket }] = await Promise.all([
    import("../daemon/server.ts"),
    import("../daemon/handed_socket.ts"),
  ]);
  const server = await startServer({
    socket: socketOf(given),
    state: given.one("state"),
    limits: {
      vms: given.has("max-vms") ? parseCount("max-vms", given.one("max-vms")!) : defaults.vms,
      memory: given.has("max-memory") ? parseMemorySize(given.one("max-memory")!) : defaults.memory,
    },
    graceSeconds: secondsOf(given, "grace", grace),
    standbySeconds: secondsOf(given, "standby", standby),
    isHandedSocket: isHandedSocket(environment),
    tcp: tcpOf(given),
  });
  const asked = Promise.withResolvers<void>();
  const onSignal = (handle: () => void) =>
    (["SIGINT", "SIGTERM"] as const).forEach((signal) => Deno.addSignalListener(signal, handle));
  onSignal(asked.resolve);
  console.error(`velum: serving on ${server.addresses.join(" and ")}`);
  await asked.promise;
  onSignal(server.hurry);
  await server.close();
  return 0;
}

function tcpOf(given: Given) {
  const address = given.one("tcp");
  if (address === undefined) {
    if (!given.has("token-file")) return undefined;
    throw new RequestError(
      "token-file",
      "--token-file is for --tcp; over the Unix socket nobody needs a token",
    );
  }
  const [, hostname, digits] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  const port = Number(digits);
  if (hostname === undefined || port > 65535) {
    throw new RequestError("tcp", `"${address}" is not ADDRESS:PORT, as in 127.0.0.1:8080`);
  }
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  if (!/^127(\.\d{1,3}){3}$/.test(bare) && bare !== "::1") {
    throw new RequestError(
      "tcp",
      `${hostname} is no loopback address; the daemon listens on 127.0.0.1 or [::1] only`,
    );
  }
  return { hostname: bare, port, token: tokenOf(given) };
}

function tokenOf(given: Given): string {
  if (!given.has("token-file")) {
    throw new RequestError("token-file", "over TCP clients need a token; give --token-file FILE");
  }
  const file = given.one("token-file")!;
  const token = new TextDecoder().decode(readInputFile("token-file", file)).trim();
  if (token.length >= shortestToken && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new RequestError(
    "token-file",
    `${file} has no token: one line of ${shortestToken} or more visible characters`,
  );
}
