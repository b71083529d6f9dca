// The linux backend: the contract's calls go to /dev/kvm as they are.

import type { Backend } from "../kvm/backend.ts";
import { errno, errnoName } from "../kvm/errno.ts";
import { RequestError } from "../kvm/request_error.ts";
import { type Libc, openLibc } from "./libc.ts";

const device = "/dev/kvm";
/** Deno reads this file for those only who may do everything. */
const statistics = "/proc/self/stat";
/** USER_HZ: the same on arm64 and x86-64. */
const ticksPerSecond = 100;

/** Loads the C library; no device is opened before `openSystem`. Throws RequestError where that cannot be. */
export function linuxBackend(): Backend {
  const libc = loadLibc();
  libc.catchInterrupts();
  const memory = (size: number) => orRefuse(libc.mapAnonymous(size), size);
  return {
    name: "kvm",
    openSystem: () => openKvm(libc),
    ioctl(fd, ioctl, argument, pointee) {
      if (typeof argument === "number") return libc.ioctlValue(fd, ioctl.number, argument);
      if (pointee && ioctl.pointer && typeof ioctl.argument === "object") {
        const view = new DataView(argument.buffer, argument.byteOffset);
        view.setBigUint64(ioctl.argument.offsets[ioctl.pointer]!, libc.addressOf(pointee), true);
      }
      return libc.ioctlBytes(fd, ioctl.number, argument);
    },
    close: (fd) => void libc.close(fd),
    mapRunPage: (fd, size) => orRefuse(libc.mapShared(fd, size), size),
    unmapRunPage: (page) => void libc.unmap(page as ArrayBuffer),
    allocate(size) {
      const buffer = memory(size);
      return { address: libc.addressOf(buffer), bytes: new Uint8Array(buffer) };
    },
    memoryAt: (address, size) => new Uint8Array(libc.bufferAt(address, size)),
    free: ({ bytes }) => void libc.unmap(bytes.buffer as ArrayBuffer),
    openPuncher(path) {
      const file = libc.open(path);
      if (file < 0) return undefined;
      return {
        punch: (offset, size) => libc.punchHole(file, offset, size) === 0,
        close: () => void libc.close(file),
      };
    },
    currentThread: () => libc.currentThread(),
    interruptThread: (thread) => void libc.interruptThread(thread),
    secondsInGuest: () => guestTimeOf(libc.readSmallFile(statistics)),
  };
}

/** proc_pid_stat(5), guest_time: the 43rd field; the third follows the program's name, which is in parentheses. */
function guestTimeOf(line: string): number {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return Number(fields[43 - 3] ?? 0) / ticksPerSecond;
}

function orRefuse(memory: ArrayBuffer | number, size: number): ArrayBuffer {
  if (typeof memory !== "number") return memory;
  throw new RequestError(
    "memory",
    `the host does not give ${size} bytes of memory (${errnoName(-memory)}); ask for less`,
  );
}

function loadLibc(): Libc {
  if (Deno.build.os !== "linux") {
    throw new RequestError("backend", `KVM is a part of Linux, and this machine runs ${Deno.build.os}`);
  }
  try {
    return openLibc();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    const why = (error as Error).message;
    throw new RequestError(
      "backend",
      `KVM is reached through the C library libc.so.6, which cannot be loaded (${why})`,
    );
  }
}

function openKvm(libc: Libc): number {
  const fd = libc.open(device);
  if (fd < 0) throw new RequestError("backend", whyNot(-fd));
  return fd;
}

function whyNot(code: number): string {
  switch (code) {
    case errno.ENOENT:
      return `there is no ${device} here: this kernel has no KVM, or was not started at EL2 (arm64) or with virtualization enabled (x86-64)`;
    case errno.EACCES:
    case errno.EPERM:
      return `${device} may not be opened by this user: its group (usually "kvm") or its mode must allow reading and writing`;
    default:
      return `${device} cannot be opened (${errnoName(code)})`;
  }
}
