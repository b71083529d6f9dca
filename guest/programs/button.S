// Waits for the machine's power button, as a guest does that can be asked to end: QEMU's "system_powerdown".

        .include "board.inc"
        .include "gpio.inc"
        .include "print.inc"

        .section .text.main, "ax"
        .global main
main:
        stp     x29, x30, [sp, #-16]!
        adr     x0, on_interrupt
        bl      gic_open
        mov     x0, #INTID_GPIO
        bl      gic_enable
        mov     x0, #GPIO_BASE
        mov     w1, #POWER_BUTTON
        str     w1, [x0, #GPIOIEV]
        str     w1, [x0, #GPIOIC]               // a press that was before this one's time
        str     w1, [x0, #GPIOIE]
        print   "button: press the power button\n"

1:      bl      wait_for_interrupt
        adr     x0, is_pressed
        ldr     w0, [x0]
        cbz     w0, 1b
        print   "button: pressed\n"
        mov     x0, #0
        ldp     x29, x30, [sp], #16
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
