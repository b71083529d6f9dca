// Text and numbers on the console. All of these keep x9..x28 as they were.

        .section .text.print, "ax"

// print_string(x0 = address of a string that ends with NUL). Changes x0..x3.
        .global print_string
print_string:
        stp     x29, x30, [sp, #-16]!
        mov     x3, x0
1:      ldrb    w0, [x3], #1
        cbz     w0, 2f
        bl      print_char
        b       1b
2:      ldp     x29, x30, [sp], #16
        ret

// print_newline(). Changes x0..x2.
        .global print_newline
print_newline:
        mov     w0, #'\n'
        b       print_char

// print_hex(x0 = value): "0x" and always 16 digits, so that columns line up. Changes x0..x4.
        .global print_hex
print_hex:
        stp     x29, x30, [sp, #-16]!
        mov     x3, x0
        mov     w0, #'0'
        bl      print_char
        mov     w0, #'x'
        bl      print_char
        mov     w4, #16
1:      ror     x3, x3, #60                     // the highest digit not yet printed becomes the lowest
        and     w0, w3, #0xf
        add     w1, w0, #'0'
        add     w2, w0, #'a' - 10
        cmp     w0, #10
        csel    w0, w1, w2, lo
        bl      print_char
        subs    w4, w4, #1
        b.ne    1b
        ldp     x29, x30, [sp], #16
        ret

// print_decimal(x0 = unsigned value). Changes x0..x5.
        .global print_decimal
print_decimal:
        stp     x29, x30, [sp, #-48]!           // above the frame record: 32 bytes for at most 20 digits
        add     x3, sp, #48
        mov     x4, #10
1:      udiv    x5, x0, x4                      // digits come out lowest first: fill the buffer backwards
        msub    x1, x5, x4, x0
        add     w1, w1, #'0'
        strb    w1, [x3, #-1]!
        mov     x0, x5
        cbnz    x0, 1b
        add     x4, sp, #48
2:      ldrb    w0, [x3], #1
        bl      print_char
        cmp     x3, x4
        b.lo    2b
        ldp     x29, x30, [sp], #48
        ret
