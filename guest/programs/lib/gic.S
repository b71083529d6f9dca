// The interrupt controller, whichever version the device tree names. ID_AA64PFR0_EL1.GIC would be the
// wrong question: it may describe the host's CPU interface, whatever distributor the VM was given.

        .section .text.gic, "ax"

// gic_open(x0 = handler, called with x0 = INTID on every interrupt). Changes x0..x12.
        .global gic_open
gic_open:
        stp     x29, x30, [sp, #-16]!
        adr     x1, gic_handler
        str     x0, [x1]
        adr     x1, interrupt_handler
        adr     x2, gic_dispatch
        str     x2, [x1]
        adr     x0, gicv3_compatible
        bl      fdt_has_compatible
        adr     x1, gic_is_v3
        str     x0, [x1]
        cbz     x0, 1f
        bl      gicv3_open
        b       2f
1:      bl      gicv2_open
2:      ldp     x29, x30, [sp], #16
        ret

// gic_enable(x0 = INTID): lets it through to this CPU. Changes x1..x8.
        .global gic_enable
gic_enable:
        adr     x1, gic_is_v3
        ldr     x1, [x1]
        cbz     x1, gicv2_enable
        b       gicv3_enable

// One interrupt, from its acknowledgement to its end. INTIDs 1020..1023 mean that none is pending.
gic_dispatch:
        stp     x29, x30, [sp, #-32]!
        stp     x19, x20, [sp, #16]
        adr     x20, gic_is_v3
        ldr     x20, [x20]
        cbz     x20, 1f
        bl      gicv3_acknowledge
        b       2f
1:      bl      gicv2_acknowledge
2:      mov     w19, w0
        and     w0, w19, #0x3ff                 // a GICv2 has the sender of an SGI above this
        cmp     w0, #1020
        b.hs    4f
        adr     x1, gic_handler
        ldr     x1, [x1]
        blr     x1
        mov     w0, w19
        cbz     x20, 3f
        bl      gicv3_end
        b       4f
3:      bl      gicv2_end
4:      ldp     x19, x20, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret

// wait_for_interrupt(): sleeps until one comes, handles it, and returns with interrupts masked again.
// They are masked while it goes to sleep too: WFI wakes for a masked interrupt, so that one which comes
// just before is not slept through. The ISB is where a pending interrupt must be taken at the latest.
        .global wait_for_interrupt
wait_for_interrupt:
        wfi
        msr     daifclr, #2
        isb
        msr     daifset, #2
        ret

        .section .rodata.gic, "a"
gicv3_compatible:
        .asciz  "arm,gic-v3"

        .section .bss.gic, "aw", %nobits
        .balign 8
gic_handler:
        .skip   8
gic_is_v3:
        .skip   8
