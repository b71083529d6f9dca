// A program of a few instructions that makes a VM, keeps it, and executes the program its arguments name. The bed's
// first process is started by it, for the sake of KVM's preempt notifiers: the kernel patches its scheduler when the
// first VM is made and when the last is gone, and QEMU's translator can miss that on the other processor. A thread that
// runs a vcpu then loses its TPIDR_EL0 to the guest's, and crashes. With a VM that stays nothing is patched again.

/** Each with its assembly. System calls are in x8: openat 56, ioctl 29, dup 23, execve 221. */
export const instructions: readonly (readonly [word: number, assembly: string])[] = [
  [0x9280_0c60, "mov x0, #-100"], // AT_FDCWD
  [0x1000_0241, "adr x1, . + 0x48"], // the path, which follows the code
  [0xd280_0042, "mov x2, #2"], // O_RDWR
  [0xd280_0708, "mov x8, #56"],
  [0xd400_0001, "svc #0"],
  [0xd295_c021, "mov x1, #0xae01"], // KVM_CREATE_VM
  [0xd280_0002, "mov x2, #0"],
  [0xd280_03a8, "mov x8, #29"],
  [0xd400_0001, "svc #0"],
  // execve closes the VM's descriptor, but not a copy.
  [0xd280_02e8, "mov x8, #23"],
  [0xd400_0001, "svc #0"],
  // At SP: argc, argv with a zero after it, envp.
  [0xf940_03e2, "ldr x2, [sp]"],
  [0x8b22_6fe2, "add x2, sp, x2, lsl #3"],
  [0x9100_4042, "add x2, x2, #16"],
  [0x9100_43e1, "add x1, sp, #16"],
  [0xf940_0020, "ldr x0, [x1]"],
  [0xd280_1ba8, "mov x8, #221"],
  [0xd400_0001, "svc #0"],
  [0x0000_0000, "udf #0"],
];
const path = "/dev/kvm\0";

const base = 0x40_0000n;
const headerSize = 64, segmentSize = 56;
const ET_EXEC = 2, EM_AARCH64 = 183, PT_LOAD = 1, readAndExecute = 5;

/** As an ELF file (System V ABI, "ELF Header", "Program Header"). */
export function keepVmProgram(): Uint8Array {
  const codeAt = headerSize + segmentSize, pathAt = codeAt + 4 * instructions.length;
  const bytes = new Uint8Array(pathAt + path.length);
  const view = new DataView(bytes.buffer);
  // 64 bits, little-endian, version 1.
  bytes.set([0x7f, ...new TextEncoder().encode("ELF"), 2, 1, 1]);
  view.setUint16(16, ET_EXEC, true);
  view.setUint16(18, EM_AARCH64, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, base + BigInt(codeAt), true);
  view.setBigUint64(32, BigInt(headerSize), true);
  view.setUint16(52, headerSize, true);
  view.setUint16(54, segmentSize, true);
  view.setUint16(56, 1, true);
  view.setUint32(headerSize, PT_LOAD, true);
  view.setUint32(headerSize + 4, readAndExecute, true);
  view.setBigUint64(headerSize + 16, base, true);
  view.setBigUint64(headerSize + 24, base, true);
  view.setBigUint64(headerSize + 32, BigInt(bytes.length), true);
  view.setBigUint64(headerSize + 40, BigInt(bytes.length), true);
  instructions.forEach(([word], index) => view.setUint32(codeAt + 4 * index, word, true));
  bytes.set(new TextEncoder().encode(path), pathAt);
  return bytes;
}
