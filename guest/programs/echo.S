// Console input by interrupt: echoes each character, and on Enter the whole line. Ctrl-D ends it, and so
// does the line "exit N", with status N.

        .include "board.inc"
        .include "print.inc"
        .include "uart.inc"

        .equ    LINE_SIZE,      128             // what is typed beyond that is echoed and forgotten
        .equ    CTRL_D,         4

        .section .text.main, "ax"
        .global main
main:
        print   "echo: type something; a line 'exit N' or Ctrl-D ends this\n"
        adr     x0, on_interrupt
        bl      gic_open
        mov     x0, #INTID_UART
        bl      gic_enable
        mov     x0, #UART_BASE
        mov     w1, #UART_INT_RX | UART_INT_RT
        str     w1, [x0, #UARTIMSC]
1:      bl      wait_for_interrupt
        b       1b

// on_interrupt(x0 = INTID): takes all that has come. An empty FIFO ends the receive interrupts too.
on_interrupt:
        stp     x29, x30, [sp, #-16]!
1:      bl      read_char
        tbnz    w0, #31, 2f
        bl      take_char
        b       1b
2:      mov     x0, #UART_BASE
        mov     w1, #UART_INT_RX | UART_INT_RT
        str     w1, [x0, #UARTICR]
        bl      read_char                       // one more may have come before the clear
        tbnz    w0, #31, 3f
        bl      take_char
        b       1b
3:      ldp     x29, x30, [sp], #16
        ret

// take_char(w0 = character)
take_char:
        stp     x29, x30, [sp, #-16]!
        cmp     w0, #CTRL_D
        b.eq    end_of_input
        cmp     w0, #'\n'                       // a pipe ends lines with this one,
        b.eq    1f
        cmp     w0, #'\r'                       // a terminal with that one
        b.eq    1f
        bl      print_char
        adr     x1, line
        adr     x2, line_length
        ldr     w3, [x2]
        cmp     w3, #LINE_SIZE - 1              // the last place is for the NUL
        b.hs    2f
        strb    w0, [x1, x3]
        add     w3, w3, #1
        str     w3, [x2]
        b       2f
1:      bl      take_line
2:      ldp     x29, x30, [sp], #16
        ret

end_of_input:
        bl      print_newline
        mov     x0, #0
        b       exit

// take_line(): says the line back, or ends the program when the line asks for that.
take_line:
        stp     x29, x30, [sp, #-16]!
        bl      print_newline
        adr     x0, line
        adr     x2, line_length
        ldr     w3, [x2]
        str     wzr, [x2]
        strb    wzr, [x0, x3]
        cbz     w3, 3f                          // Enter alone; also the second half of CR LF

        adr     x1, exit_command
1:      ldrb    w2, [x1], #1
        cbz     w2, 2f                          // it begins with "exit": the rest must be a number
        ldrb    w3, [x0], #1
        cmp     w2, w3
        b.eq    1b
        b       say_back
2:      bl      parse_decimal                   // none at all counts as 0
        tbz     x1, #63, exit
say_back:
        print   "you said: "
        adr     x0, line
        bl      print_string
        bl      print_newline
3:      ldp     x29, x30, [sp], #16
        ret

        .section .rodata.echo, "a"
exit_command:
        .asciz  "exit"

        .section .bss.echo, "aw", %nobits
        .balign 4
line_length:
        .skip   4
line:   .skip   LINE_SIZE
