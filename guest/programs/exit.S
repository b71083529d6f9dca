// Exits with the status given on the command line: a decimal number, or nothing for 0.

        .include "print.inc"

        .equ    STATUS_MALFORMED, 2

        .section .text.main, "ax"
        .global main
main:
        stp     x29, x30, [sp, #-32]!
        str     x19, [sp, #16]
        bl      fdt_bootargs
        mov     x19, x0
        bl      parse_decimal
        tbnz    x1, #63, 1f                     // -1: not a number
        cmp     x0, #255
        b.ls    2f
1:      print   "exit: the command line must be a number from 0 to 255, not '"
        mov     x0, x19
        bl      print_string
        print   "'\n"
        mov     x0, #STATUS_MALFORMED
2:      ldr     x19, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret
