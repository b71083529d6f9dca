// Never exits, and no interrupt gets through: for trying what a monitor can do about that.

        .include "print.inc"

        .section .text.main, "ax"
        .global main
main:
        print   "spin: from here on nothing happens\n"
1:      b       1b
