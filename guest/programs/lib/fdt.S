// Reading the device tree blob: Devicetree Specification, "Flattened Devicetree (DTB) Format". It is
// big-endian, made of 32-bit tokens, and a node's properties come before its children.

        .include "board.inc"

        .equ    FDT_MAGIC_SWAPPED, 0xedfe0dd0   // 0xd00dfeed as a little-endian load sees it
        .equ    FDT_OFF_DT_STRUCT, 8
        .equ    FDT_OFF_DT_STRINGS, 12
        .equ    FDT_BEGIN_NODE, 1
        .equ    FDT_END_NODE,   2
        .equ    FDT_PROP,       3
        .equ    FDT_NOP,        4

        .section .text.fdt, "ax"

// fdt_open(x0 = address of the tree, or 0): with 0 the tree is looked for at the start of RAM, where
// QEMU puts it for an ELF program. Without a tree the functions below find nothing.
        .global fdt_open
fdt_open:
        mov     x1, #RAM_BASE
        cmp     x0, #0
        csel    x0, x1, x0, eq
        ldr     w1, [x0]
        ldr     w2, =FDT_MAGIC_SWAPPED
        cmp     w1, w2
        csel    x0, x0, xzr, eq
        adr     x1, fdt_address
        str     x0, [x1]
        ret

// fdt_next_property(x0 = cursor, x1 = name, x4 = node name)
//   -> x0 = cursor, 0 when there is no further property of that name,
//      x2 = address of its value, x3 = bytes in it, x4 = name of the node it belongs to.
// The first call has cursor 0; each later one hands back the x0 and x4 of the one before.
// Keeps x1, changes x5..x9.
        .global fdt_next_property
fdt_next_property:
        adr     x5, fdt_address
        ldr     x5, [x5]
        cbz     x5, no_more
        ldr     w6, [x5, #FDT_OFF_DT_STRINGS]
        rev     w6, w6
        add     x6, x5, x6
        cbnz    x0, next_token
        ldr     w0, [x5, #FDT_OFF_DT_STRUCT]
        rev     w0, w0
        add     x0, x5, x0

next_token:
        ldr     w7, [x0], #4
        rev     w7, w7
        cmp     w7, #FDT_PROP
        b.eq    property
        cmp     w7, #FDT_BEGIN_NODE
        b.eq    node
        cmp     w7, #FDT_END_NODE
        b.eq    next_token
        cmp     w7, #FDT_NOP
        b.eq    next_token
no_more:
        mov     x0, #0
        ret

node:
        mov     x4, x0
1:      ldrb    w7, [x0], #1
        cbnz    w7, 1b
        b       align_cursor

property:
        ldr     w3, [x0]                        // length of the value
        rev     w3, w3
        ldr     w7, [x0, #4]                    // offset of the name among the strings
        rev     w7, w7
        add     x7, x6, x7
        add     x2, x0, #8
        add     x0, x2, x3
        mov     x8, x1
1:      ldrb    w9, [x7], #1
        ldrb    w5, [x8], #1
        cmp     w9, w5
        b.ne    align_cursor
        cbnz    w9, 1b
        add     x0, x0, #3
        and     x0, x0, #~3
        ret

align_cursor:
        add     x0, x0, #3
        and     x0, x0, #~3
        b       next_token

// fdt_has_compatible(x0 = name) -> x0 = 1 when some node of the tree has that name in its list of
// compatible models, or 0. Changes x0..x11.
        .global fdt_has_compatible
fdt_has_compatible:
        stp     x29, x30, [sp, #-16]!
        mov     x10, x0
        mov     x0, #0
        adr     x1, name_compatible
next_compatible:
        bl      fdt_next_property
        cbz     x0, 3f
        add     x3, x2, x3                      // the end of a list of strings, each with its NUL
next_model:
        cmp     x2, x3
        b.hs    next_compatible
        mov     x11, x10
1:      ldrb    w7, [x2], #1
        ldrb    w8, [x11], #1
        cmp     w7, w8
        b.ne    2f
        cbnz    w7, 1b
        mov     x0, #1
        b       3f
2:      cbz     w7, next_model                  // skip the rest of a name that differs
        ldrb    w7, [x2], #1
        b       2b
3:      ldp     x29, x30, [sp], #16
        ret

// fdt_bootargs() -> x0 = address of the command line, "" when there is none. Changes x0..x9.
        .global fdt_bootargs
fdt_bootargs:
        stp     x29, x30, [sp, #-16]!
        mov     x0, #0
        adr     x1, name_bootargs
        bl      fdt_next_property
        adr     x1, empty
        cmp     x0, #0
        csel    x0, x2, x1, ne
        ldp     x29, x30, [sp], #16
        ret

// fdt_next_cpu(x0 = cursor, x4 = node name) -> x0 = cursor, 0 when there is no further CPU, and x2 = its
// reg: the affinity fields of its MPIDR_EL1. Cursor and x4 are as in fdt_next_property; changes x1..x9.
        .global fdt_next_cpu
fdt_next_cpu:
        stp     x29, x30, [sp, #-16]!
        adr     x1, name_reg
1:      bl      fdt_next_property
        cbz     x0, 3f
        ldr     w5, [x4]                        // aligned: a node's name follows its token
        ldr     w6, =0x40757063                 // "cpu@"
        cmp     w5, w6
        b.ne    1b
        ldr     w5, [x2]
        rev     w5, w5
        cmp     x3, #4                          // one cell or two
        b.eq    2f
        ldr     w6, [x2, #4]
        rev     w6, w6
        orr     x5, x6, x5, lsl #32
2:      mov     x2, x5
3:      ldp     x29, x30, [sp], #16
        ret

        .section .rodata.fdt, "a"
name_compatible:
        .asciz  "compatible"
name_bootargs:
        .ascii  "bootargs"
empty:
        .asciz  ""
name_reg:
        .asciz  "reg"

        .section .bss.fdt, "aw", %nobits
        .balign 8
fdt_address:
        .skip   8
