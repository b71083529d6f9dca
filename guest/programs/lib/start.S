// The first instructions of every program. The monitor enters here at EL1 with the MMU and caches off,
// interrupts masked, and x0 = address of the device tree (the Linux boot protocol for arm64, "Call the
// kernel image"). From here on it is a world with a stack and the calling convention of Arm IHI 0055
// (AAPCS64): x0..x18 belong to whoever is called, x19..x28 to whoever calls.
//
// With the MMU off every data access is Device-nGnRnE (Arm DDI 0487, "Behavior when stage 1 address
// translation is disabled"): uncached, in order, and it must be aligned to its size. So no program here
// makes an unaligned access, and none uses load-exclusive, which such memory need not support.

        .section .text.start, "ax"
        .global _start
_start:
        msr     daifset, #0xf
        adr     x1, exception_vectors
        msr     vbar_el1, x1
        isb
        adr     x1, stack_top
        mov     sp, x1

        adr     x1, bss_start                   // RAM need not be zero: it may be a second start
        adr     x2, bss_end
1:      cmp     x1, x2
        b.hs    2f
        str     xzr, [x1], #8
        b       1b

2:      bl      fdt_open
        bl      uart_open
        bl      main
        b       exit                            // main returned its exit status in x0
