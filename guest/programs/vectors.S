// The same two sums with AdvSIMD and with SVE, at every vector length there is. The answers are known and
// do not depend on the length; 37 elements fill no whole number of vectors of any length, so that the
// predicates of the SVE loops matter. Arm DDI 0487, "WHILELO" and "UADDV"; Arm IHI 0055 for the calls.
//
//   dot product:      sum of i * (2i + 1) for i = 1..37, in 32-bit integers     = 35853
//   sum of squares:   sum of (i / 2)^2    for i = 1..37, in 64-bit floats       = 4393.75
//
// Every partial sum is exact, so that the order of the additions makes no difference to the floats.

        .include "print.inc"

        .equ    COUNT,          37
        .equ    DOT_PRODUCT,    35853
        .equ    SUM_OF_SQUARES, 0x40b129c000000000      // 4393.75

        .section .text.main, "ax"
        .global main
main:
        stp     x29, x30, [sp, #-48]!
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        mov     x19, #0                         // exit status
        bl      fp_enable
        bl      advsimd_dot_product
        mov     x20, x0
        print   "advsimd dot product: "
        mov     x0, x20
        bl      check_dot_product
        bl      advsimd_sum_of_squares
        mov     x20, x0
        print   "advsimd sum of squares: "
        mov     x0, x20
        bl      check_sum_of_squares

        bl      sve_enable
        cbz     x0, no_sve
        mov     x21, #0                         // ZCR_EL1.LEN
        mov     x22, #0                         // the vector length before
next_length:
        mov     x0, x21
        bl      sve_set_length
        cmp     x0, x22
        b.eq    1f                              // this CPU has no such length: it took the one below
        mov     x22, x0
        bl      sve_dot_product
        mov     x20, x0
        bl      print_length
        print   " dot product: "
        mov     x0, x20
        bl      check_dot_product
        bl      sve_sum_of_squares
        mov     x20, x0
        bl      print_length
        print   " sum of squares: "
        mov     x0, x20
        bl      check_sum_of_squares
1:      add     x21, x21, #1
        cmp     x21, #16
        b.lo    next_length
        b       2f

no_sve:
        print   "sve: none\n"
2:      mov     x0, x19
        ldp     x21, x22, [sp, #32]
        ldp     x19, x20, [sp, #16]
        ldp     x29, x30, [sp], #48
        ret

// "sve N", of the length in x22.
print_length:
        stp     x29, x30, [sp, #-16]!
        print   "sve "
        mov     x0, x22
        bl      print_decimal
        ldp     x29, x30, [sp], #16
        ret

check_dot_product:
        mov     x1, #DOT_PRODUCT
        b       check

check_sum_of_squares:
        ldr     x1, =SUM_OF_SQUARES

// check(x0 = value, x1 = what it must be): the rest of a line, and x19 = 1 when it is wrong.
check:
        stp     x29, x30, [sp, #-16]!
        cmp     x0, x1
        b.ne    1f
        print   "ok\n"
        b       2f
1:      mov     x19, #1
        mov     x20, x0
        print   "wrong, "
        mov     x0, x20
        bl      print_hex
        bl      print_newline
2:      ldp     x29, x30, [sp], #16
        ret

// Nine vectors of four elements, and the last element by itself.
advsimd_dot_product:
        adr     x1, factors
        adr     x2, more_factors
        movi    v0.4s, #0
        mov     x3, #COUNT / 4
1:      ld1     {v1.4s}, [x1], #16
        ld1     {v2.4s}, [x2], #16
        mla     v0.4s, v1.4s, v2.4s
        subs    x3, x3, #1
        b.ne    1b
        addv    s0, v0.4s
        fmov    w0, s0
        ldr     w1, [x1]
        ldr     w2, [x2]
        madd    w0, w1, w2, w0
        ret

advsimd_sum_of_squares:
        adr     x1, halves
        movi    v0.2d, #0
        mov     x3, #COUNT / 2
1:      ld1     {v1.2d}, [x1], #16
        fmla    v0.2d, v1.2d, v1.2d
        subs    x3, x3, #1
        b.ne    1b
        faddp   d0, v0.2d
        ldr     d1, [x1]
        fmadd   d0, d1, d1, d0
        fmov    x0, d0
        ret

sve_dot_product:
        adr     x1, factors
        adr     x2, more_factors
        mov     x3, #0
        mov     x4, #COUNT
        mov     z0.s, #0
        ptrue   p1.s
        whilelo p0.s, x3, x4
1:      ld1w    {z1.s}, p0/z, [x1, x3, lsl #2]
        ld1w    {z2.s}, p0/z, [x2, x3, lsl #2]
        mla     z0.s, p0/m, z1.s, z2.s
        incw    x3
        whilelo p0.s, x3, x4
        b.first 1b
        uaddv   d0, p1, z0.s
        fmov    x0, d0
        ret

sve_sum_of_squares:
        adr     x1, halves
        mov     x3, #0
        mov     x4, #COUNT
        mov     z0.d, #0
        ptrue   p1.d
        whilelo p0.d, x3, x4
1:      ld1d    {z1.d}, p0/z, [x1, x3, lsl #3]
        fmla    z0.d, p0/m, z1.d, z1.d
        incd    x3
        whilelo p0.d, x3, x4
        b.first 1b
        faddv   d0, p1, z0.d
        fmov    x0, d0
        ret

        .section .rodata.vectors, "a"
        .balign 16
halves:                                         // i / 2
        .double 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0
        .double 5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 8.5, 9.0, 9.5, 10.0
        .double 10.5, 11.0, 11.5, 12.0, 12.5, 13.0, 13.5, 14.0, 14.5, 15.0
        .double 15.5, 16.0, 16.5, 17.0, 17.5, 18.0, 18.5

        .balign 16
factors:                                        // i
        .set    i, 0
        .rept   COUNT
        .set    i, i + 1
        .word   i
        .endr

        .balign 16
more_factors:                                   // 2i + 1
        .set    i, 0
        .rept   COUNT
        .set    i, i + 1
        .word   2 * i + 1
        .endr
