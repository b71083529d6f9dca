// A Unix socket's path, had by one daemon at a time: its lock file is locked as long as the daemon lives, however
// it dies, so that a socket left behind by a dead daemon is known for one.

import { RequestError } from "../kvm/request_error.ts";

export interface Claim {
  /** Removes what the claim left beside the socket. */
  release(): void;
}

/** Claims `path`, and removes the socket that a dead daemon left there. Throws RequestError naming `field`. */
export async function claim(path: string, field: string, what: string): Promise<Claim> {
  const lockPath = path + ".lock";
  const lock = openLock(lockPath, field, what);
  // A daemon that leaves removes its lock file: a lock on a file that is no longer there claims nothing.
  if (!await lock.tryLock(true) || !isStill(lock, lockPath)) {
    lock.close();
    throw new RequestError(field, `another daemon has the ${what} ${path}`);
  }
  return {
    release() {
      Deno.removeSync(lockPath);
      lock.close();
    },
  };
}

function openLock(path: string, field: string, what: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { write: true, create: true, mode: 0o600 });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new RequestError(
      field,
      `the ${what} cannot be had: ${path} cannot be written (${(error as Error).message})`,
    );
  }
}

function isStill(file: Deno.FsFile, path: string): boolean {
  try {
    return file.statSync().ino === Deno.statSync(path).ino;
  } catch {
    return false;
  }
}

/** Removes a socket that nobody listens on. Throws RequestError for a file that is none. */
export function removeStaleSocket(path: string) {
  try {
    if (!Deno.lstatSync(path).isSocket) {
      throw new RequestError("socket", `${path} is there and is no socket; name another path`);
    }
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
