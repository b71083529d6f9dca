// The first instructions of the loops: AdvSIMD is let through, and SVE of the greatest length there is where SVE is
// defined; the MMU is on with addresses as they are, so that loads and stores take the way that a kernel's take. The
// machine is QEMU's virt (guest/programs/lib/board.inc).

        // FPEN and ZEN.
        .equ    CPACR,          3 << 20 | 3 << 16
        .equ    ZCR_LEN,        15
        // Attribute 0: Normal, write-back. Attribute 1: Device-nGnRE.
        .equ    MAIR,           0x04ff
        // T0SZ 25: the first table is of level 1, an entry for each GiB. 4 KiB granule, inner shareable, cached; no TTBR1.
        .equ    TCR,            25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23 | 2 << 32
        .equ    SCTLR_MMU,      1 | 1 << 2 | 1 << 12
        .equ    BLOCK,          1 | 1 << 10 | 3 << 8
        .equ    DEVICE,         1 << 2

        .section .text.start, "ax"
        .global _start
_start:
        msr     daifset, #0xf
        ldr     x1, =stack_top
        mov     sp, x1
        ldr     x1, =CPACR
        msr     cpacr_el1, x1
#ifdef SVE
        isb
        mov     x1, #ZCR_LEN
        msr     zcr_el1, x1
#endif
        ldr     x1, =MAIR
        msr     mair_el1, x1
        ldr     x1, =TCR
        msr     tcr_el1, x1
        ldr     x1, =table
        msr     ttbr0_el1, x1
        isb
        tlbi    vmalle1
        dsb     sy
        mrs     x1, sctlr_el1
        ldr     x2, =SCTLR_MMU
        orr     x1, x1, x2
        msr     sctlr_el1, x1
        isb
        bl      main
1:      wfi                                     // its threads are still to be looked at
        b       1b

        .section .data, "aw"
        .balign 4096
table:  .quad   BLOCK | DEVICE
        .quad   0x40000000 | BLOCK
        .zero   4096 - 16
