// The Scalable Vector Extension: Arm DDI 0487, "ID_AA64PFR0_EL1", "CPACR_EL1" and "ZCR_EL1".

        .equ    ID_AA64PFR0_SVE_SHIFT, 32
        .equ    CPACR_ZEN,      3 << 16         // SVE at EL1 and EL0 is not trapped
        .equ    CPACR_FPEN,     3 << 20         // nor are AdvSIMD and floating point

        .section .text.sve, "ax"

// fp_enable(): AdvSIMD and floating point no longer trap. Changes x0.
        .global fp_enable
fp_enable:
        mrs     x0, cpacr_el1
        orr     x0, x0, #CPACR_FPEN
        msr     cpacr_el1, x0
        isb
        ret

// sve_enable() -> x0 = 0 when this CPU has no SVE, else nonzero, and SVE no longer traps. Changes x1.
        .global sve_enable
sve_enable:
        mrs     x0, id_aa64pfr0_el1
        ubfx    x0, x0, #ID_AA64PFR0_SVE_SHIFT, #4
        cbz     x0, 1f
        mrs     x1, cpacr_el1
        orr     x1, x1, #CPACR_ZEN
        orr     x1, x1, #CPACR_FPEN
        msr     cpacr_el1, x1
        isb
1:      ret

// sve_set_length(x0 = 0..15: ask for (x0 + 1) * 128 bits) -> x0 = the bits it became: the longest vector
// length this CPU has that is not longer than asked. Only after sve_enable.
        .global sve_set_length
sve_set_length:
        msr     zcr_el1, x0
        isb
        rdvl    x0, #8                          // RDVL counts bytes, times 8
        ret
