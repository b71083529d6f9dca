// Waits for the machine's power button, as a guest does that can be asked to end: QEMU's "system_powerdown".
// The command line is the number of presses that end it; without one the first does.

        .include "board.inc"
        .include "gpio.inc"
        .include "print.inc"

        .equ    STATUS_MALFORMED, 2

        .section .text.main, "ax"
        .global main
main:
        stp     x29, x30, [sp, #-32]!
        stp     x19, x20, [sp, #16]
        bl      fdt_bootargs
        mov     x20, x0
        bl      parse_decimal
        tbnz    x1, #63, malformed
        cmp     x1, #0
        csinc   x19, x0, xzr, ne                // 1 for no number
        cbz     x19, malformed

        adr     x0, on_interrupt
        bl      gic_open
        mov     x0, #INTID_GPIO
        bl      gic_enable
        mov     x0, #GPIO_BASE
        mov     w1, #POWER_BUTTON
        str     w1, [x0, #GPIOIEV]
        str     w1, [x0, #GPIOIC]               // a press that was before this program's time
        str     w1, [x0, #GPIOIE]
        print   "button: press the power button\n"

1:      bl      wait_for_interrupt
        adr     x0, is_pressed
        ldr     w1, [x0]
        cbz     w1, 1b
        str     wzr, [x0]
        print   "button: pressed\n"
        subs    x19, x19, #1
        b.ne    1b
        mov     x0, #0
        b       2f

malformed:
        print   "button: the command line must be a number of presses from 1, not '"
        mov     x0, x20
        bl      print_string
        print   "'\n"
        mov     x0, #STATUS_MALFORMED
2:      ldp     x19, x20, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret

// on_interrupt(x0 = INTID)
on_interrupt:
        cmp     x0, #INTID_GPIO
        b.ne    1f
        mov     x0, #GPIO_BASE
        mov     w1, #POWER_BUTTON
        str     w1, [x0, #GPIOIC]
        adr     x0, is_pressed
        str     w1, [x0]
1:      ret

        .section .bss.button, "aw", %nobits
        .balign 4
is_pressed:
        .skip   4
