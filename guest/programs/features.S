// What this CPU is, seen from inside: the ID registers, every SVE vector length it can select, what its
// pointer authentication does, and its PMU. Arm DDI 0487, "AArch64 System register descriptions".
// A line is "name: value" and the lines always come in the same order.

        .include "print.inc"

        .macro  print_register name, register=
        print   "\name: "
        .ifb    \register
        mrs     x0, \name
        .else
        mrs     x0, \register                   // by its encoding: older assemblers do not know the name
        .endif
        bl      print_hex
        bl      print_newline
        .endm

        .section .text.main, "ax"
        .global main
main:
        stp     x29, x30, [sp, #-16]!
        print_register midr_el1
        print_register mpidr_el1
        print_register id_aa64pfr0_el1
        print_register id_aa64pfr1_el1
        print_register id_aa64zfr0_el1, s3_0_c0_c4_4
        print_register id_aa64dfr0_el1
        print_register id_aa64isar0_el1
        print_register id_aa64isar1_el1
        print_register id_aa64isar2_el1, s3_0_c0_c6_2
        print_register id_aa64mmfr0_el1
        bl      print_vector_lengths
        bl      print_pauth
        print   "pmu version: "
        mrs     x0, id_aa64dfr0_el1
        ubfx    x0, x0, #8, #4                  // PMUVer: 0 is none
        bl      print_decimal
        bl      print_newline
        mov     x0, #0
        ldp     x29, x30, [sp], #16
        ret

// "sve: 128 256 512": asks for each length that ZCR_EL1 can name, and prints those it gets.
print_vector_lengths:
        stp     x29, x30, [sp, #-32]!
        stp     x19, x20, [sp, #16]
        print   "sve:"
        bl      sve_enable
        cbz     x0, 3f
        mov     x19, #0                         // ZCR_EL1.LEN
        mov     x20, #0                         // the length before
1:      mov     x0, x19
        bl      sve_set_length
        cmp     x0, x20
        b.eq    2f                              // there is no such length: it took the one below
        mov     x20, x0
        print   " "
        mov     x0, x20
        bl      print_decimal
2:      add     x19, x19, #1
        cmp     x19, #16
        b.lo    1b
        b       4f
3:      print   " none"
4:      bl      print_newline
        ldp     x19, x20, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret
