// The console: a PL011, by Arm DDI 0183, "Summary of registers". One character at a time, by polling.

        .include "board.inc"
        .include "uart.inc"

        .section .text.uart, "ax"

// uart_open(): on, 8 bits a character, FIFOs enabled. The baud rate is left alone: there is no wire.
        .global uart_open
uart_open:
        mov     x0, #UART_BASE
        mov     w1, #UARTLCR_H_WLEN_8 | UARTLCR_H_FEN
        str     w1, [x0, #UARTLCR_H]
        mov     w1, #UARTCR_UARTEN | UARTCR_TXE | UARTCR_RXE
        str     w1, [x0, #UARTCR]
        ret

// print_char(w0 = character). Changes x1 and x2.
        .global print_char
print_char:
        mov     x1, #UART_BASE
1:      ldr     w2, [x1, #UARTFR]
        tbnz    w2, #UARTFR_TXFF_BIT, 1b
        str     w0, [x1, #UARTDR]
        ret

// read_char() -> w0 = character, or -1 when none is waiting. Changes x1 and x2.
        .global read_char
read_char:
        mov     x1, #UART_BASE
        ldr     w2, [x1, #UARTFR]
        mov     w0, #-1
        tbnz    w2, #UARTFR_RXFE_BIT, 1f
        ldr     w0, [x1, #UARTDR]
        and     w0, w0, #0xff                   // the bits above are the receive errors
1:      ret
