// One line from inside, and the exception level it is said at.

        .include "print.inc"

        .section .text.main, "ax"
        .global main
main:
        stp     x29, x30, [sp, #-16]!
        print   "hello from EL"
        mrs     x0, currentel
        ubfx    x0, x0, #2, #2                  // CurrentEL.EL
        bl      print_decimal
        bl      print_newline
        mov     x0, #0
        ldp     x29, x30, [sp], #16
        ret
