// How a program ends: through Velum's exit device when the device tree names one. Anywhere else it says
// its status in a line, "exit status N", and turns the machine off by PSCI SYSTEM_OFF (Arm DEN 0022), so
// that the same binary is useful under another monitor too.

        .include "board.inc"
        .include "print.inc"
        .include "psci.inc"

        .section .text.exit, "ax"

// exit(x0 = status, of which 8 bits count): does not return.
        .global exit
exit:
        and     w19, w0, #0xff
        adr     x0, exit_compatible
        bl      fdt_has_compatible
        cbz     x0, power_off
        mov     x1, #EXIT_BASE
        str     w19, [x1]
stopped:
        wfi
        b       stopped

power_off:
        print   "exit status "
        mov     x0, x19
        bl      print_decimal
        bl      print_newline
        ldr     x0, =PSCI_SYSTEM_OFF
        hvc     #0
        b       stopped

        .section .rodata.exit, "a"
exit_compatible:
        .asciz  "velum,exit"
