// The daemon: its sockets, and its leaving.

import { join } from "@std/path";
import { createApi } from "./api.ts";
import { bearerOnly } from "./bearer.ts";
import { passOnHandedSocket } from "./handed_socket.ts";
import { claim, removeStaleSocket } from "./socket_claim.ts";
import { StateFolder } from "./state_folder.ts";
import { VmProcesses } from "./vm_processes.ts";
import { type Limits, Vms } from "./vms.ts";

export interface ServerOptions {
  readonly socket: string;
  readonly state: string | undefined;
  readonly limits: Limits;
  /** Seconds that guests have to end by themselves when the daemon leaves. */
  readonly graceSeconds: number;
  /** Seconds that a process is kept ready for the next VM; 0: none is. */
  readonly standbySeconds: number;
  /** Whether systemd has handed over a socket, which is served too. */
  readonly isHandedSocket?: boolean;
  /** Loopback only, and for those who know the token. */
  readonly tcp: { readonly hostname: string; readonly port: number; readonly token: string } | undefined;
}

export interface Server {
  /** Where it listens, for a person. */
  readonly addresses: readonly string[];
  /** Stops every VM, then listening, in bounded time. Leaves no process, socket or temporary file. */
  close(): Promise<void>;
  /** While it closes: stops every VM at once. */
  hurry(): void;
}

/** Milliseconds that answers on their way have to arrive. */
const patience = 1000;

/** Throws RequestError where another daemon has the socket or the state. */
export async function startServer(
  { socket, state, limits, graceSeconds, standbySeconds, isHandedSocket, tcp }: ServerOptions,
): Promise<Server> {
  const claims = [await claim(socket, "socket", "socket")];
  try {
    if (state !== undefined) {
      Deno.mkdirSync(state, { recursive: true, mode: 0o700 });
      claims.push(await claim(join(state, "daemon"), "state", "state in"));
    }
    removeStaleSocket(socket);
    const folder = state === undefined ? undefined : new StateFolder(state);
    const vms = new Vms(limits, folder, new VmProcesses(standbySeconds));
    const api = createApi(vms);
    const handle = (request: Request) => api.fetch(withOwnBody(request));
    const quiet = { onListen: () => {} };
    // Nobody else may connect, not even before the mode is set.
    const servers: Deno.HttpServer<Deno.Addr>[] = [Deno.serve({ path: socket, ...quiet }, handle)];
    Deno.chmodSync(socket, 0o600);
    if (tcp) {
      const { hostname, port, token } = tcp;
      servers.push(Deno.serve({ hostname, port, ...quiet }, bearerOnly(token, handle)));
    }
    const passingOn = isHandedSocket ? await passOnHandedSocket(socket) : undefined;
    return {
      addresses: [
        ...servers.map(({ addr }) => describeAddress(addr)),
        ...(passingOn ? ["the socket that systemd handed over"] : []),
      ],
      async close() {
        passingOn?.close();
        await vms.close(graceSeconds);
        await shutDown(servers);
        claims.forEach(({ release }) => release());
      },
      hurry: () => vms.hurry(),
    };
  } catch (error) {
    claims.forEach(({ release }) => release());
    throw error;
  }
}

/**
 * A request with a body as one of its own, so that what limits the body does not ask for the server's signal, whose
 * meaning Deno warns of. curl's -d says of JSON that it is a form.
 */
function withOwnBody(request: Request): Request {
  const { url, method, body } = request;
  if (body === null) return request;
  const headers = new Headers(request.headers);
  const type = headers.get("content-type") ?? "application/x-www-form-urlencoded";
  if (type.startsWith("application/x-www-form-urlencoded")) headers.set("content-type", "application/json");
  return new Request(url, { method, headers, body });
}

const describeAddress = (address: Deno.Addr) =>
  address.transport === "unix"
    ? (address as Deno.UnixAddr).path
    : `http://${hostAndPort(address as Deno.NetAddr)}`;

const hostAndPort = ({ hostname, port }: Deno.NetAddr) =>
  hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;

/** Streams that still go on are cut off after a while. */
async function shutDown(servers: readonly Deno.HttpServer<Deno.Addr>[]) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, patience));
  await Promise.race([Promise.all(servers.map((server) => server.shutdown())), late]);
  clearTimeout(timer);
}
