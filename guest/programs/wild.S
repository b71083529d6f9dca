// Loads and stores where nothing is: in a hole of the map, beyond the end of RAM, and at a register that
// the PL031 does not have. A monitor answers such a load with zero and ignores such a store; hardware
// and QEMU give an abort, which is caught and printed. The command line "nisv" adds a load of a pair: it
// leaves no syndrome (ESR_EL2.ISV is 0; Arm DDI 0487, "ISS encoding for an exception from a Data
// Abort"), so that a monitor cannot tell what was loaded to where.

        .include "board.inc"
        .include "catch.inc"
        .include "print.inc"

        .equ    RTC_NOTHING,    RTC_BASE + 0x800

// x19 = address throughout. What a load leaves in the register goes to the console, else its ESR_EL1.
        .macro  try_load name, instruction, register
        print   "\name: "
        mov     x0, #-1                         // a load must replace all of it
        catch_fault 1f
        \instruction \register, [x19]
        end_catch
        bl      print_value
        b       2f
1:      bl      print_abort
2:
        .endm

        .macro  try_store name, instruction, register
        print   "\name: "
        mov     x0, #-1
        catch_fault 1f
        \instruction \register, [x19]
        dsb     sy
        end_catch
        print   "stored\n"
        b       2f
1:      bl      print_abort
2:
        .endm

        .section .text.main, "ax"
        .global main
main:
        stp     x29, x30, [sp, #-32]!
        str     x19, [sp, #16]
        mov     x19, #HOLE_BASE
        bl      touch
        mov     x19, #BEYOND_RAM
        bl      touch
        ldr     x19, =RTC_NOTHING
        bl      touch

        bl      fdt_bootargs
        adr     x1, nisv
1:      ldrb    w2, [x0], #1
        ldrb    w3, [x1], #1
        cmp     w2, w3
        b.ne    3f
        cbnz    w2, 1b
        mov     x19, #HOLE_BASE
        print   "ldp: "
        catch_fault 2f
        ldp     x0, x1, [x19]
        end_catch
        bl      print_value
        b       3f
2:      bl      print_abort

3:      print   "survived\n"
        mov     x0, #0
        ldr     x19, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret

touch:
        stp     x29, x30, [sp, #-16]!
        print   "at "
        mov     x0, x19
        bl      print_hex
        bl      print_newline
        try_load "ldrb w", ldrb, w0
        try_load "ldrh w", ldrh, w0
        try_load "ldr w", ldr, w0
        try_load "ldr x", ldr, x0
        try_load "ldrsb x", ldrsb, x0
        try_load "ldrsh w", ldrsh, w0
        try_load "ldrsw x", ldrsw, x0
        try_load "ldar w", ldar, w0
        try_store "strb w", strb, w0
        try_store "strh w", strh, w0
        try_store "str w", str, w0
        try_store "str x", str, x0
        try_store "str xzr", str, xzr
        try_store "stlr w", stlr, w0
        ldp     x29, x30, [sp], #16
        ret

print_value:
        stp     x29, x30, [sp, #-16]!
        bl      print_hex
        bl      print_newline
        ldp     x29, x30, [sp], #16
        ret

// print_abort(x0 = ESR_EL1)
print_abort:
        stp     x29, x30, [sp, #-32]!
        str     x20, [sp, #16]
        mov     x20, x0
        print   "abort, ESR_EL1 "
        mov     x0, x20
        bl      print_value
        ldr     x20, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret

        .section .rodata.wild, "a"
nisv:   .asciz  "nisv"
