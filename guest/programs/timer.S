// Five interrupts of the virtual timer, with sleep between them: Arm DDI 0487, "The Generic Timer".

        .include "board.inc"
        .include "print.inc"

        .equ    TICKS,          5
        .equ    TICKS_PER_SECOND, 100
        .equ    CNTV_CTL_ENABLE, 1              // IMASK, bit 1, stays 0

        .section .text.main, "ax"
        .global main
main:
        stp     x29, x30, [sp, #-16]!
        adr     x0, on_interrupt
        bl      gic_open
        mov     x0, #INTID_VTIMER
        bl      gic_enable
        bl      start_period
        mov     x0, #CNTV_CTL_ENABLE
        msr     cntv_ctl_el0, x0

1:      bl      wait_for_interrupt
        adr     x0, ticks
        ldr     w0, [x0]
        cmp     w0, #TICKS
        b.lo    1b
        mov     x0, #0
        ldp     x29, x30, [sp], #16
        ret

// on_interrupt(x0 = INTID). The timer's line stays up until its condition no longer holds, so that the
// handler must end it before the interrupt ends: with a new period, or at last by turning it off.
on_interrupt:
        stp     x29, x30, [sp, #-16]!
        cmp     x0, #INTID_VTIMER
        b.ne    3f
        bl      start_period
        adr     x1, ticks
        ldr     w0, [x1]
        add     w0, w0, #1
        str     w0, [x1]
        cmp     w0, #TICKS
        b.lo    2f
        msr     cntv_ctl_el0, xzr
2:      print   "tick "
        adr     x0, ticks
        ldr     w0, [x0]
        bl      print_decimal
        bl      print_newline
3:      isb
        ldp     x29, x30, [sp], #16
        ret

// The timer fires when the counter has gone one period on from now. Changes x2 and x3.
start_period:
        mrs     x2, cntfrq_el0
        mov     x3, #TICKS_PER_SECOND
        udiv    x2, x2, x3
        msr     cntv_tval_el0, x2
        isb
        ret

        .section .bss.timer, "aw", %nobits
        .balign 4
ticks:  .skip   4
