// A daemon's server in this process, on loopback.

import { join } from "@std/path";
import { startServer } from "../../../vmm/daemon/server.ts";
import { withFolder } from "./daemon_process.ts";

export const token = "only for tests";
export const authorization = { Authorization: `Bearer ${token}` };

/** @param body is given the server's origin, and a folder for what it likes */
export const withTcpServer = (body: (origin: string, folder: string) => Promise<void>) =>
  withFolder(async (folder) => {
    const server = await startServer({
      graceSeconds: 0,
      standbySeconds: 0,
      socket: join(folder, "socket"),
      state: undefined,
      limits: { vms: 4, memory: 1 << 30 },
      tcp: { hostname: "127.0.0.1", port: 0, token },
    });
    try {
      await body(server.addresses[1]!, folder);
    } finally {
      await server.close();
    }
  });
