// Reports a panic through the pvpanic device, as a kernel in trouble would, and then hangs.
// QEMU's "PVPANIC DEVICE" document: bit 0 means that the guest panicked.

        .include "board.inc"
        .include "print.inc"

        .equ    PVPANIC_PANICKED, 1

        .section .text.main, "ax"
        .global main
main:
        print   "panic: telling the monitor\n"
        mov     x0, #PVPANIC_BASE
        mov     w1, #PVPANIC_PANICKED
        strb    w1, [x0]                        // the register is one byte wide
1:      b       1b
