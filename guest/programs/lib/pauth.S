// Pointer authentication, tried out: Arm DDI 0487, "Pointer authentication". PACIA puts a code, made of
// the pointer, a modifier and a key, into the unused top bits of a pointer; AUTIA checks and removes it.
// AUTIA with another modifier must not give the pointer back: it gives one that faults when used or, with
// FEAT_FPAC, it faults itself. The lines are listed in guest/programs.ts.

        .include "catch.inc"
        .include "print.inc"

        .equ    ISAR1_APA_SHIFT, 4              // address authentication by QARMA5,
        .equ    ISAR1_API_SHIFT, 8              // by an implementation defined algorithm,
        .equ    ISAR2_APA3_SHIFT, 12            // by QARMA3
        .equ    ISAR1_GPA_SHIFT, 24             // PACGA, likewise
        .equ    ISAR1_GPI_SHIFT, 28
        .equ    ISAR2_GPA3_SHIFT, 8
        .equ    SCTLR_ENIA,     1 << 31
        .equ    TCR_48_BITS,    16              // T0SZ: bits 54..48 and 63..56 of a pointer are unused
        .equ    EC_FPAC,        0x1c

        .equ    POINTER,        0x40080000      // constants, so that QARMA5 gives the same code everywhere
        .equ    MODIFIER,       0x1234
        .equ    WRONG_MODIFIER, 0x4321
        .equ    KEY_LOW,        0x0123456789abcdef
        .equ    KEY_HIGH,       0xfedcba9876543210

        .section .text.pauth, "ax"

        .global print_pauth
print_pauth:
        stp     x29, x30, [sp, #-16]!
        print   "pauth address: "
        mrs     x0, id_aa64isar1_el1
        mrs     x1, s3_0_c0_c6_2                // ID_AA64ISAR2_EL1
        ubfx    x2, x0, #ISAR1_APA_SHIFT, #4
        ubfx    x3, x1, #ISAR2_APA3_SHIFT, #4
        ubfx    x4, x0, #ISAR1_API_SHIFT, #4
        bl      print_algorithm
        cbz     x0, 1f
        bl      enable_address_keys
        bl      try_round_trip
        bl      try_wrong_modifier
1:      bl      try_hints

        print   "pauth generic: "
        mrs     x0, id_aa64isar1_el1
        mrs     x1, s3_0_c0_c6_2
        ubfx    x2, x0, #ISAR1_GPA_SHIFT, #4
        ubfx    x3, x1, #ISAR2_GPA3_SHIFT, #4
        ubfx    x4, x0, #ISAR1_GPI_SHIFT, #4
        bl      print_algorithm
        cbz     x0, 2f
        bl      try_pacga
2:      ldp     x29, x30, [sp], #16
        ret

// print_algorithm(x2 = QARMA5, x3 = QARMA3, x4 = implementation defined: an ID field each)
//   -> x0 = 0 when there is none of them.
print_algorithm:
        stp     x29, x30, [sp, #-32]!
        str     x19, [sp, #16]
        orr     x19, x2, x3
        orr     x19, x19, x4
        cbnz    x2, 1f
        cbnz    x3, 2f
        cbnz    x4, 3f
        print   "none\n"
        b       5f
1:      print   "QARMA5"
        b       4f
2:      mov     x4, x3
        print   "QARMA3"
        b       4f
3:      print   "implementation defined"
4:      bl      print_newline
5:      mov     x0, x19
        ldr     x19, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret

// Key A for instructions, switched on for EL1, and the layout of a pointer. Changes x0.
enable_address_keys:
        ldr     x0, =KEY_LOW
        msr     apiakeylo_el1, x0
        ldr     x0, =KEY_HIGH
        msr     apiakeyhi_el1, x0
        mov     x0, #TCR_48_BITS
        msr     tcr_el1, x0
        mrs     x0, sctlr_el1
        orr     x0, x0, #SCTLR_ENIA
        msr     sctlr_el1, x0
        isb
        ret

// The signed pointer, and whether AUTIA undoes PACIA.
try_round_trip:
        stp     x29, x30, [sp, #-32]!
        str     x19, [sp, #16]
        print   "pauth pacia: "
        mov     x0, #POINTER
        mov     x1, #MODIFIER
        pacia   x0, x1
        mov     x19, x0
        bl      print_hex
        print   "\npauth round trip: "
        mov     x2, #POINTER
        mov     x1, #MODIFIER
        cmp     x19, x2
        b.eq    1f                              // PACIA did nothing
        autia   x19, x1
        cmp     x19, x2
        b.ne    1f
        print   "ok\n"
        b       2f
1:      print   "failed\n"
2:      ldr     x19, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret

try_wrong_modifier:
        stp     x29, x30, [sp, #-16]!
        print   "pauth wrong modifier: "
        mov     x0, #POINTER
        mov     x1, #MODIFIER
        mov     x2, #WRONG_MODIFIER
        pacia   x0, x1
        catch_fault 2f
        autia   x0, x2
        end_catch
        mov     x2, #POINTER
        cmp     x0, x2
        b.eq    1f
        print   "poisoned\n"
        b       4f
1:      print   "accepted\n"
        b       4f
2:      ubfx    x0, x0, #26, #6                 // ESR_EL1.EC
        cmp     x0, #EC_FPAC
        b.ne    3f
        print   "exception\n"
        b       4f
3:      print   "unexpected exception\n"
4:      ldp     x29, x30, [sp], #16
        ret

// PACIASP and AUTIASP are in the space of hints: a function's prologue may hold them on any CPU, and they
// do nothing where there is no pointer authentication.
try_hints:
        stp     x29, x30, [sp, #-16]!
        print   "pauth hints: "
        mov     x2, #POINTER
        mov     x30, x2
        paciasp
        mov     x3, x30
        autiasp
        cmp     x30, x2
        b.ne    2f
        cmp     x3, x2
        b.ne    1f
        print   "nop\n"
        b       3f
1:      print   "sign\n"
        b       3f
2:      print   "failed\n"
3:      ldp     x29, x30, [sp], #16
        ret

// PACGA makes a code of any 64 bits, in the upper half of its result; no control bit enables it.
try_pacga:
        stp     x29, x30, [sp, #-32]!
        stp     x19, x20, [sp, #16]
        ldr     x0, =KEY_LOW
        msr     apgakeylo_el1, x0
        ldr     x0, =KEY_HIGH
        msr     apgakeyhi_el1, x0
        isb
        mov     x0, #POINTER
        mov     x1, #MODIFIER
        mov     x2, #WRONG_MODIFIER
        pacga   x19, x0, x1
        pacga   x20, x0, x2
        print   "pauth pacga: "
        mov     x0, x19
        bl      print_hex
        print   "\npauth pacga depends on modifier: "
        cbz     x19, 1f
        cbnz    w19, 1f                         // the lower half is always zero
        cmp     x19, x20
        b.eq    1f
        print   "yes\n"
        b       2f
1:      print   "no\n"
2:      ldp     x19, x20, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret
