// GICv3: Arm IHI 0069, "Programmers' Model". The distributor is memory-mapped, each CPU has a
// redistributor for its own INTIDs 0..31, and the CPU interface is made of system registers. Interrupts
// are in group 1, the group that is signalled as IRQ.

        .include "board.inc"
        .include "gic.inc"

        .equ    GICD_CTLR_GRP1_ARE, (1 << 1) | (1 << 4) // group 1 on, routing by affinity
        .equ    GICD_CTLR_RWP_BIT, 31           // a register write is still on its way
        .equ    GICR_WAKER,     0x14
        .equ    GICR_WAKER_SLEEP, 1 << 1        // ProcessorSleep
        .equ    GICR_WAKER_ASLEEP_BIT, 2        // ChildrenAsleep
        .equ    GICR_SGI_BASE,  GICR_BASE + 0x10000
        .equ    MPIDR_AFFINITY, 0xff00ffffff

        .section .text.gicv3, "ax"

// Only the CPU that started takes interrupts in these programs, and its redistributor is the first.
        .global gicv3_open
gicv3_open:
        mov     x0, #GICD_BASE
        mov     w1, #GICD_CTLR_GRP1_ARE
        str     w1, [x0, #GICD_CTLR]
1:      ldr     w1, [x0, #GICD_CTLR]
        tbnz    w1, #GICD_CTLR_RWP_BIT, 1b

        mov     x0, #GICR_BASE
        ldr     w1, [x0, #GICR_WAKER]
        and     w1, w1, #~GICR_WAKER_SLEEP
        str     w1, [x0, #GICR_WAKER]
2:      ldr     w1, [x0, #GICR_WAKER]
        tbnz    w1, #GICR_WAKER_ASLEEP_BIT, 2b

        mrs     x0, icc_sre_el1
        orr     x0, x0, #1                      // SRE: system registers, not memory
        msr     icc_sre_el1, x0
        isb
        mov     x0, #PRIORITY_MASK
        msr     icc_pmr_el1, x0
        mov     x0, #1
        msr     icc_igrpen1_el1, x0
        isb
        ret

// gicv3_enable(x0 = INTID)
        .global gicv3_enable
gicv3_enable:
        ldr     x1, =GICR_SGI_BASE
        cmp     x0, #32
        b.lo    1f
        mov     x1, #GICD_BASE
        mrs     x2, mpidr_el1
        ldr     x3, =MPIDR_AFFINITY
        and     x2, x2, x3
        add     x3, x1, x0, lsl #3
        add     x3, x3, #GICD_IROUTER
        str     x2, [x3]

1:      add     x2, x1, x0
        mov     w3, #PRIORITY
        strb    w3, [x2, #GICD_IPRIORITYR]
        mov     w3, #1
        lsl     w3, w3, w0                      // the shift counts modulo 32
        lsr     x4, x0, #5
        add     x4, x1, x4, lsl #2
        ldr     w5, [x4, #GICD_IGROUPR]
        orr     w5, w5, w3
        str     w5, [x4, #GICD_IGROUPR]
        str     w3, [x4, #GICD_ISENABLER]
        dsb     sy
        ret

// gicv3_acknowledge() -> w0 = INTID
        .global gicv3_acknowledge
gicv3_acknowledge:
        mrs     x0, icc_iar1_el1
        dsb     sy
        ret

// gicv3_end(w0 = INTID)
        .global gicv3_end
gicv3_end:
        dsb     sy                              // the device has seen what the handler did
        msr     icc_eoir1_el1, x0
        isb
        ret
