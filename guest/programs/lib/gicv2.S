// GICv2: Arm IHI 0048, "Programmers' Model". Everything is memory-mapped. All interrupts stay in group 0,
// where reset leaves them on a GIC without Security Extensions.

        .include "board.inc"
        .include "gic.inc"

        .equ    GICC_CTLR,      0x00
        .equ    GICC_PMR,       0x04
        .equ    GICC_IAR,       0x0c
        .equ    GICC_EOIR,      0x10
        .equ    ENABLE,         1

        .section .text.gicv2, "ax"

        .global gicv2_open
gicv2_open:
        mov     w1, #ENABLE
        mov     x0, #GICD_BASE
        str     w1, [x0, #GICD_CTLR]
        mov     x0, #GICC_BASE
        mov     w2, #PRIORITY_MASK
        str     w2, [x0, #GICC_PMR]
        str     w1, [x0, #GICC_CTLR]
        ret

// gicv2_enable(x0 = INTID)
        .global gicv2_enable
gicv2_enable:
        mov     x1, #GICD_BASE
        add     x2, x1, x0
        mov     w3, #PRIORITY
        strb    w3, [x2, #GICD_IPRIORITYR]
        ldrb    w3, [x1, #GICD_ITARGETSR]       // the first bytes are read-only and name the CPU that reads
        strb    w3, [x2, #GICD_ITARGETSR]
        mov     w3, #1
        lsl     w3, w3, w0                      // the shift counts modulo 32
        lsr     x4, x0, #5
        add     x4, x1, x4, lsl #2
        str     w3, [x4, #GICD_ISENABLER]
        dsb     sy
        ret

// gicv2_acknowledge() -> w0 = what gicv2_end wants to have back; its low 10 bits are the INTID
        .global gicv2_acknowledge
gicv2_acknowledge:
        mov     x0, #GICC_BASE
        ldr     w0, [x0, #GICC_IAR]
        ret

        .global gicv2_end
gicv2_end:
        mov     x1, #GICC_BASE
        dsb     sy                              // the device has seen what the handler did
        str     w0, [x1, #GICC_EOIR]
        ret
