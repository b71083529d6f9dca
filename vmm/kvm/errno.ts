// Linux's error numbers as they are on arm64 and x86-64 (asm-generic/errno-base.h and errno.h): those that
// KVM, mmap and open answer with.

export const errno = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  ENOEXEC: 8,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOTTY: 25,
  ENOSPC: 28,
  ERANGE: 34,
  ENOSYS: 38,
  EOPNOTSUPP: 95,
} as const;

export type ErrnoName = keyof typeof errno;

const names = new Map<number, ErrnoName>(
  Object.entries(errno).map(([name, code]) => [code, name as ErrnoName]),
);

/** The name of an error number, or `errno N` for one that has no row above. */
export function errnoName(code: number): ErrnoName | `errno ${number}` {
  return names.get(code) ?? `errno ${code}`;
}
