// Exceptions taken to EL1: Arm DDI 0487, "Exception vectors". A program can expect one synchronous
// exception (catch.inc) and can have one interrupt handler; whatever else comes is printed with the
// registers that explain it, and ends the program with status 70 (EX_SOFTWARE of sysexits.h).

        .include "print.inc"

        .equ    STATUS_UNHANDLED, 70

        .macro  vector handler
        .balign 0x80
        b       \handler
        .endm

// The table has four groups of four: synchronous, IRQ, FIQ, SError. The last two groups, 0x400 onward,
// are for exceptions from a lower level. Nothing runs there, so they are left out.
        .section .text_vectors, "ax"
        .balign 0x800
        .global exception_vectors
exception_vectors:
        vector  unhandled                       // from EL1 with SP_EL0, which no program uses
        vector  unhandled
        vector  unhandled
        vector  unhandled
        vector  synchronous                     // from EL1 with SP_EL1
        vector  interrupt
        vector  unhandled
        vector  unhandled

        .section .text.exceptions, "ax"

// Goes on at fault_resume, once, with x0 = ESR_EL1 and every other register as it was.
synchronous:
        stp     x0, x1, [sp, #-16]!
        adr     x1, fault_resume
        ldr     x0, [x1]
        cbz     x0, unhandled
        str     xzr, [x1]
        msr     elr_el1, x0
        ldp     x0, x1, [sp], #16
        mrs     x0, esr_el1
        eret

// Calls interrupt_handler between a save and a restore of all that the AAPCS64 lets it change.
interrupt:
        stp     x0, x1, [sp, #-192]!
        stp     x2, x3, [sp, #16]
        stp     x4, x5, [sp, #32]
        stp     x6, x7, [sp, #48]
        stp     x8, x9, [sp, #64]
        stp     x10, x11, [sp, #80]
        stp     x12, x13, [sp, #96]
        stp     x14, x15, [sp, #112]
        stp     x16, x17, [sp, #128]
        stp     x18, x29, [sp, #144]
        str     x30, [sp, #160]
        adr     x0, interrupt_handler
        ldr     x0, [x0]
        cbz     x0, unhandled
        blr     x0
        ldr     x30, [sp, #160]
        ldp     x18, x29, [sp, #144]
        ldp     x16, x17, [sp, #128]
        ldp     x14, x15, [sp, #112]
        ldp     x12, x13, [sp, #96]
        ldp     x10, x11, [sp, #80]
        ldp     x8, x9, [sp, #64]
        ldp     x6, x7, [sp, #48]
        ldp     x4, x5, [sp, #32]
        ldp     x2, x3, [sp, #16]
        ldp     x0, x1, [sp], #192
        eret

// Never returns, so it may change every register.
unhandled:
        mrs     x19, esr_el1
        mrs     x20, elr_el1
        mrs     x21, far_el1
        print   "unhandled exception: ESR_EL1 "
        mov     x0, x19
        bl      print_hex
        print   " ELR_EL1 "
        mov     x0, x20
        bl      print_hex
        print   " FAR_EL1 "
        mov     x0, x21
        bl      print_hex
        bl      print_newline
        mov     x0, #STATUS_UNHANDLED
        b       exit

        .section .bss.exceptions, "aw", %nobits
        .balign 8
        .global fault_resume, interrupt_handler
fault_resume:
        .skip   8                               // where a synchronous exception goes on; 0: none is expected
interrupt_handler:
        .skip   8                               // what an interrupt calls; 0: none is expected
