// The host's C library, and the only foreign calls of this project. Memory that comes from here is released
// here, and every answer says by errno what went wrong: glibc's functions return -1 (mmap: MAP_FAILED) then.

const functions = {
  __errno_location: { parameters: [], result: "pointer" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  // The kernel takes an ioctl's request as 32 bits, and no integer argument of ours has more: so KVM_RUN needs
  // no bigint.
  ioctlValue: { name: "ioctl", parameters: ["i32", "u32", "u32"], result: "i32" },
  ioctlBytes: { name: "ioctl", parameters: ["i32", "u32", "buffer"], result: "i32" },
  mmap: { parameters: ["usize", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
  madvise: { parameters: ["pointer", "usize", "i32"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  signal: { parameters: ["i32", "pointer"], result: "pointer" },
  abs: { type: "pointer" },
  gettid: { parameters: [], result: "i32" },
  tgkill: { parameters: ["i32", "i32", "i32"], result: "i32" },
  fallocate: { parameters: ["i32", "i32", "i64", "i64"], result: "i32" },
} as const;

export type Libc = ReturnType<typeof openLibc>;

/** linux/asm-generic: the same on arm64 and x86-64. */
const O_RDONLY = 0;
const O_RDWR = 2;
const O_CLOEXEC = 0o2000000;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 0x01;
const MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x02 | 0x20 | 0x4000;
/** What mmap returns for -1. */
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;
const MADV_HUGEPAGE = 14;
const FALLOC_FL_PUNCH_HOLE_KEEP_SIZE = 0x02 | 0x01;
const SIGUSR1 = 10;

/** Loads the C library. Each isolate loads its own. Throws Deno's errors where there is none or no permission. */
export function openLibc() {
  const { symbols } = Deno.dlopen("libc.so.6", functions);
  const errnoView = new Deno.UnsafePointerView(symbols.__errno_location()!);
  const errno = () => errnoView.getInt32();
  const orMinusErrno = (answer: number) => answer === -1 ? -errno() : answer;
  const map = (size: number, flags: number, fd: number): ArrayBuffer | number => {
    const pointer = symbols.mmap(0n, BigInt(size), PROT_READ_WRITE, flags, fd, 0n);
    if (pointer === null || Deno.UnsafePointer.value(pointer) === MAP_FAILED) return -errno();
    return Deno.UnsafePointerView.getArrayBuffer(pointer, size);
  };
  const open = (path: string, mode: number) =>
    orMinusErrno(symbols.open(new TextEncoder().encode(path + "\0"), mode | O_CLOEXEC));
  return {
    /** A descriptor, or minus errno. */
    open: (path: string) => open(path, O_RDWR),
    /** The text of a file of one page at most; empty if it cannot be read. */
    readSmallFile(path: string): string {
      const fd = open(path, O_RDONLY);
      if (fd < 0) return "";
      const bytes = new Uint8Array(4096);
      const count = Number(symbols.read(fd, bytes, BigInt(bytes.length)));
      symbols.close(fd);
      return new TextDecoder().decode(bytes.subarray(0, Math.max(0, count)));
    },
    close: (fd: number) => orMinusErrno(symbols.close(fd)),
    ioctlValue: (fd: number, request: number, value: number) =>
      orMinusErrno(symbols.ioctlValue(fd, request, value)),
    ioctlBytes: (fd: number, request: number, bytes: Uint8Array<ArrayBuffer>) =>
      orMinusErrno(symbols.ioctlBytes(fd, request, bytes)),
    /** What a descriptor stands for, shared; or minus errno. */
    mapShared: (fd: number, size: number) => map(size, MAP_SHARED, fd),
    /** Zeroed memory that the host provides page by page as it is touched; or minus errno. */
    mapAnonymous(size: number) {
      const memory = map(size, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1);
      // Large pages spare the guest's second stage of translation; a host without them is no error.
      if (typeof memory !== "number") {
        symbols.madvise(Deno.UnsafePointer.of(memory), BigInt(size), MADV_HUGEPAGE);
      }
      return memory;
    },
    unmap: (memory: ArrayBuffer) => symbols.munmap(Deno.UnsafePointer.of(memory), BigInt(memory.byteLength)),
    addressOf: (memory: BufferSource): bigint =>
      BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(memory as ArrayBuffer))),
    bufferAt: (address: bigint, size: number): ArrayBuffer =>
      Deno.UnsafePointerView.getArrayBuffer(Deno.UnsafePointer.create(address)!, size),
    /** A new eventfd with a count of zero, or minus errno. */
    eventfd: () => orMinusErrno(symbols.eventfd(0, O_CLOEXEC)),
    currentThread: () => symbols.gettid(),
    /**
     * Makes SIGUSR1 interrupt system calls and do nothing else: its handler is `abs`, which is harmless when
     * called with the signal's number, so no JavaScript runs in a signal's context.
     */
    catchInterrupts() {
      symbols.signal(SIGUSR1, symbols.abs);
    },
    /** Gives a file's bytes back to its file system; they read as zero from then on. Minus errno if it cannot. */
    punchHole: (fd: number, offset: number, size: number) =>
      orMinusErrno(symbols.fallocate(fd, FALLOC_FL_PUNCH_HOLE_KEEP_SIZE, BigInt(offset), BigInt(size))),
    interruptThread: (thread: number) => orMinusErrno(symbols.tgkill(Deno.pid, thread, SIGUSR1)),
  };
}
