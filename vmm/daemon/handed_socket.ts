// The socket that systemd listens on and hands over (sd_listen_fds(3)). Deno's own server takes no descriptor, so each
// connection that comes there is passed on to the daemon's own socket, byte by byte.

import { connect, createServer, type Socket } from "node:net";
import { RequestError } from "../kvm/request_error.ts";

/** SD_LISTEN_FDS_START. */
const firstDescriptor = 3;

/**
 * Whether a socket was handed to this process. Throws RequestError where it was several.
 * @param environment reads a variable
 */
export function isHandedSocket(environment: (name: string) => string | undefined): boolean {
  const count = environment("LISTEN_FDS");
  if (count === undefined || environment("LISTEN_PID") !== String(Deno.pid)) return false;
  if (count === "1") return true;
  throw new RequestError("socket", `systemd hands over ${count} sockets; velum serve takes one`);
}

export interface PassingOn {
  /** Connections end with those that they are passed on to. */
  close(): void;
}

/** @param to the path of the daemon's own socket */
export async function passOnHandedSocket(to: string): Promise<PassingOn> {
  const server = createServer(
    { allowHalfOpen: true },
    (from) => join(from, connect({ path: to, allowHalfOpen: true })),
  );
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ fd: firstDescriptor }, resolve);
  await promise;
  return { close: () => void server.close() };
}

function join(one: Socket, other: Socket) {
  one.pipe(other);
  other.pipe(one);
  // Whichever fails, the other has nobody to speak to.
  one.on("error", () => other.destroy());
  other.on("error", () => one.destroy());
}
