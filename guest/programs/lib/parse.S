// Reading a decimal number from text.

        .equ    LARGEST, 1 << 40                // larger numbers count as this one, so none wraps around

        .section .text.parse, "ax"

// parse_decimal(x0 = string) -> x0 = number, x1 = 1 for exactly one number, 0 for an empty string, -1 for
// anything else. Spaces around the number are allowed. Changes x0..x5.
        .global parse_decimal
parse_decimal:
        mov     x2, x0
        mov     x0, #0
        mov     x1, #0
        mov     x4, #10
1:      ldrb    w3, [x2], #1
        cmp     w3, #' '
        b.eq    1b
        cbz     w3, 5f                          // nothing but spaces
2:      sub     w3, w3, #'0'
        cmp     w3, #9
        b.hi    6f
        madd    x0, x0, x4, x3
        mov     x5, #LARGEST
        cmp     x0, x5
        csel    x0, x0, x5, lo
        ldrb    w3, [x2], #1
        cbz     w3, 4f
        cmp     w3, #' '
        b.ne    2b
3:      ldrb    w3, [x2], #1
        cmp     w3, #' '
        b.eq    3b
        cbnz    w3, 6f
4:      mov     x1, #1
5:      ret
6:      mov     x1, #-1
        ret
