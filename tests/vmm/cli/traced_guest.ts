// A guest that does a little of everything a trace tells, and then exits with status 3.

export const tracedGuest = `
        .global _start, work, vectors
_start: adr     x0, vectors
        msr     vbar_el1, x0
        adr     x0, tables
        msr     ttbr0_el1, x0
        mov     x0, #0xff                       // attribute 0: Normal; 1: Device
        msr     mair_el1, x0
        mov     x0, #25                         // 39 bits from level 1, no upper half
        movk    x0, #0x80, lsl #16
        msr     tcr_el1, x0
        mov     x0, #3 << 20
        msr     cpacr_el1, x0
        isb
        mrs     x0, sctlr_el1
        orr     x0, x0, #1
        msr     sctlr_el1, x0
        isb
        bl      work
        mov     x1, #0x90f0000
        mov     w0, #3
        str     w0, [x1]
1:      b       1b
work:   svc     #5
        ldr     x2, =0x8000000000
        ldr     x3, [x2]
        .inst   0
        adr     x9, word
        mov     x5, #2
        ldaddal x5, x6, [x9]
        stp     x5, x6, [x9, #16]
        ldrb    w7, [x9]
        movi    v3.16b, #0x55
        subs    x8, x5, #2
        tlbi    vae1, x9
        mov     x0, #0x84000000                 // PSCI_VERSION
        hvc     #0
        mov     x1, #0x9000000
        ldr     w2, [x1, #0x18]
        ret
        .balign 16
word:   .quad   40, 0, 0, 0
        .ltorg
        .balign 2048
vectors: .space 0x200
        mrs     x10, esr_el1
        lsr     x10, x10, #26
        cmp     x10, #0x15
        b.eq    1f
        mrs     x11, elr_el1
        add     x11, x11, #4
        msr     elr_el1, x11
1:      eret
        .balign 4096
tables: .quad   0x405                           // a block of Device memory at 0
        .quad   0x40000701                      // a block of Normal memory at 1 GiB
        .space  4096 - 16
`;
