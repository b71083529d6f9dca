// Starts every other CPU of the device tree with PSCI CPU_ON (Arm DEN 0022), one at a time. Each says who
// it is, sets a flag for the first CPU and goes to sleep for good. There is no lock, because a lock needs
// exclusives, and those need the MMU. Plain loads and stores do: all CPUs have their caches off.

        .include "print.inc"
        .include "psci.inc"

        .equ    MPIDR_AFFINITY, 0xff00ffffff
        .equ    LONGEST,        15              // ZCR_EL1.LEN

        .section .text.main, "ax"
        .global main
main:
        stp     x29, x30, [sp, #-48]!
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        mrs     x22, mpidr_el1
        ldr     x0, =MPIDR_AFFINITY
        and     x22, x22, x0
        mov     x0, #0
        bl      introduce
        mov     x19, #1                         // CPUs that are up
        mov     x20, #0                         // cursor and node of fdt_next_cpu
        mov     x21, #0

next_cpu:
        mov     x0, x20
        mov     x4, x21
        bl      fdt_next_cpu
        mov     x20, x0
        mov     x21, x4
        cbz     x0, 2f
        cmp     x2, x22
        b.eq    next_cpu                        // this one
        mov     x1, x2
        ldr     x0, =PSCI_CPU_ON
        adr     x2, secondary_start
        mov     x3, x19                         // what it will find in x0
        hvc     #0
        cbnz    x0, refused
1:      adr     x0, cpus_up
        ldr     x0, [x0]
        cmp     x0, x19
        b.eq    3f
        wfe                                     // its SEV is not lost, should it come before this
        b       1b
3:      add     x19, x19, #1
        b       next_cpu

2:      print   "cpus up: "
        mov     x0, x19
        bl      print_decimal
        bl      print_newline
        mov     x0, #0
4:      ldp     x21, x22, [sp, #32]
        ldp     x19, x20, [sp, #16]
        ldp     x29, x30, [sp], #48
        ret

refused:
        mov     x20, x0
        print   "cpu "
        mov     x0, x19
        bl      print_decimal
        print   ": PSCI CPU_ON answered -"      // every error is negative
        neg     w0, w20
        bl      print_decimal
        bl      print_newline
        mov     x0, #1
        b       4b

// Where CPU_ON enters, in the state of a reset, x0 = the number given to it. One stack serves all: its
// owner before this one no longer needs it.
secondary_start:
        msr     daifset, #0xf
        adr     x1, exception_vectors
        msr     vbar_el1, x1
        isb
        adr     x1, secondary_stack_top
        mov     sp, x1
        mov     x19, x0
        bl      introduce
        adr     x1, cpus_up
        dsb     sy                              // the console has it all before the flag goes up
        str     x19, [x1]
        dsb     sy
        sev
1:      wfi
        b       1b

// introduce(x0 = number): this CPU's line.
introduce:
        stp     x29, x30, [sp, #-32]!
        str     x19, [sp, #16]
        mov     x19, x0
        print   "cpu "
        mov     x0, x19
        bl      print_decimal
        print   ": mpidr "
        mrs     x0, mpidr_el1
        bl      print_hex
        bl      sve_enable
        cbz     x0, 1f
        print   ", vector length "
        mov     x0, #LONGEST
        bl      sve_set_length
        bl      print_decimal
        print   " bits"
        b       2f
1:      print   ", no sve"
2:      bl      print_newline
        ldr     x19, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret

        .section .bss.smp, "aw", %nobits
        .balign 8
cpus_up:
        .skip   8                               // the number of the CPU that came up last

        .section .stack, "aw", %nobits
        .balign 16
        .skip   2048
secondary_stack_top:
