// Opens /dev/kvm through Deno FFI and prints what KVM_GET_API_VERSION answers: run in the bed by its test.

const O_RDWR = 2;
/** _IO(KVMIO, 0x00) of linux/kvm.h. */
const KVM_GET_API_VERSION = 0xae00n;

const libc = Deno.dlopen("libc.so.6", {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "u64"], result: "i32" },
});

const fd = libc.symbols.open(new TextEncoder().encode("/dev/kvm\0"), O_RDWR);
console.log(Deno.build.arch, fd >= 0 ? libc.symbols.ioctl(fd, KVM_GET_API_VERSION, 0n) : "no /dev/kvm");
