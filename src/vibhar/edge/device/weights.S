/* The weights, in the layout of `weights` in recurrent.c. */
    .section .rodata
    .global weights
    .balign 64
weights:
    .incbin "weights.bin"
    .section .note.GNU-stack, "", %progbits
