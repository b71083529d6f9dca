// Reads a device register in a loop of three instructions, for measuring what an MMIO exit costs. The
// command line is the number of reads; without one they never end. The register is the PL031's match
// register, RTCMR (Arm DDI 0224, "Summary of registers"): reading it has no effect and asks no clock.

        .include "board.inc"
        .include "print.inc"

        .equ    RTCMR,          0x004
        .equ    STATUS_MALFORMED, 2

        .section .text.main, "ax"
        .global main
main:
        stp     x29, x30, [sp, #-32]!
        stp     x19, x20, [sp, #16]
        bl      fdt_bootargs
        mov     x20, x0
        bl      parse_decimal
        tbnz    x1, #63, malformed
        mov     x19, x0                         // 0 for no number: counting down, that is 2^64 reads
        cbz     x1, 1f
        cbz     x0, 3f
1:      print   "mmio: reading\n"
        ldr     x1, =RTC_BASE + RTCMR
        .balign 64
2:      ldr     w0, [x1]
        subs    x19, x19, #1
        b.ne    2b
3:      print   "mmio: done\n"
        mov     x0, #0
        b       4f

malformed:
        print   "mmio: the command line must be a number of reads, not '"
        mov     x0, x20
        bl      print_string
        print   "'\n"
        mov     x0, #STATUS_MALFORMED
4:      ldp     x19, x20, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret
