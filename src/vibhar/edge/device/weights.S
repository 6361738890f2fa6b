/* Includes weights.bin in the program, as the struct `weights` of recurrent.c. */
    .section .rodata
    .global weights
    .balign 64
weights:
    .incbin "weights.bin"
    .section .note.GNU-stack, "", %progbits
