/* An LSTM or GRU classifier in C (gcc or clang), which computes the same as torch. Its sizes are in sizes.h, its weights
 * in weights.bin, which weights.S includes in the program. To use it in another program, call `classify`.
 *
 *   cc -std=gnu11 -O3 -march=native -o recurrent recurrent.c weights.S -lm
 *   recurrent CLIPS FRAMES QUERIES WARMUP < features    float32 [CLIPS, FRAMES, INPUTS]
 *
 * It writes float32 logits [CLIPS, CLASSES], then int64 nanoseconds of each query, then its peak memory in bytes.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sizes.h"  /* INPUTS, HIDDEN, CLASSES, GATES (4: LSTM, 3: GRU), READOUT_MEAN */

#define LANES 8
#define PADDED(size) (((size) + LANES - 1) / LANES * LANES)
#define ROWS PADDED(GATES * HIDDEN)

typedef float lanes __attribute__((vector_size(4 * LANES)));
typedef int32_t integers __attribute__((vector_size(4 * LANES)));
typedef union { lanes block[ROWS / LANES]; float row[ROWS]; } gates;  /* in torch's order, padded at the end */
typedef union { lanes block[PADDED(HIDDEN) / LANES]; float unit[PADDED(HIDDEN)]; } state;

/* A matrix is stored in blocks of 8 rows, column by column, so that a block is summed in registers and memory is read
 * in order. Padding rows are 0. For an LSTM, `bias_input` holds the sum of both biases. */
extern const struct {
    lanes from_input[ROWS / LANES][INPUTS], from_hidden[ROWS / LANES][HIDDEN];
    lanes bias_input[ROWS / LANES], bias_hidden[ROWS / LANES];
    lanes head[PADDED(CLASSES) / LANES][HIDDEN], head_bias[PADDED(CLASSES) / LANES];
} weights;

static inline lanes choose(integers mask, lanes yes, lanes no)
{
    return (lanes)(((integers)yes & mask) | ((integers)no & ~mask));
}

/* exp(x) with a relative error of about 1e-7: 2^n times a polynomial in the remainder (Cephes' coefficients). */
static inline lanes exponential(lanes x)
{
    const lanes most = (lanes){0} + 87.0f, half = (lanes){0} + 0.5f;
    x = choose(x > most, most, choose(x < -most, -most, x));
    const lanes scaled = x * 1.44269504f;
    const integers n = __builtin_convertvector(scaled + choose(scaled < 0.0f, -half, half), integers);
    const lanes whole = __builtin_convertvector(n, lanes);
    const lanes rest = x - whole * 0.693359375f + whole * 2.12194440e-4f;
    lanes sum = rest * 1.9875691500e-4f + 1.3981999507e-3f;
    sum = sum * rest + 8.3334519073e-3f;
    sum = sum * rest + 4.1665795894e-2f;
    sum = sum * rest + 1.6666665459e-1f;
    sum = sum * rest + 5.0000001201e-1f;
    return (sum * rest * rest + rest + 1.0f) * (lanes)((n + 127) << 23);
}

static inline lanes sigmoid(lanes x) { return 1.0f / (1.0f + exponential(-x)); }
static inline lanes hyperbolic_tangent(lanes x) { return 2.0f * sigmoid(2.0f * x) - 1.0f; }

/* out = bias + matrix x. Four sums run in parallel, because an addition has to wait for the one before it. */
static inline void project(const lanes *matrix, const lanes *bias, const float *x, int columns, int blocks, lanes *out)
{
    for (int block = 0; block < blocks; block++, matrix += columns) {
        lanes sum = bias[block], second = {0}, third = {0}, fourth = {0};
        int column = 0;
        for (; column + 4 <= columns; column += 4) {
            sum += matrix[column] * x[column];
            second += matrix[column + 1] * x[column + 1];
            third += matrix[column + 2] * x[column + 2];
            fourth += matrix[column + 3] * x[column + 3];
        }
        for (; column < columns; column++)
            sum += matrix[column] * x[column];
        out[block] = (sum + second) + (third + fourth);
    }
}

/* Activations of an LSTM in one pass: sigmoid for i, f and o; for g the hyperbolic tangent, 2 sigmoid(2x) - 1. */
static inline void activate(gates *all)
{
    integers row = {0, 1, 2, 3, 4, 5, 6, 7};
    for (int block = 0; block < ROWS / LANES; block++, row += LANES) {
        const integers is_content = (row >= 2 * HIDDEN) & (row < 3 * HIDDEN);
        const lanes one = (lanes){0} + 1.0f, factor = choose(is_content, one + one, one);
        all->block[block] = factor * sigmoid(factor * all->block[block]) - choose(is_content, one, one - one);
    }
}

/* Run one frame: update the hidden and the cell state. Values in the padding are never part of a result. */
static void step(const float *frame, state *hidden, state *cell)
{
    static gates input, sum;
    project(weights.from_input[0], weights.bias_input, frame, INPUTS, ROWS / LANES, input.block);
#if GATES == 4 /* i, f, g, o */
    project(weights.from_hidden[0], input.block, hidden->unit, HIDDEN, ROWS / LANES, sum.block);
    activate(&sum);
    const float *in = sum.row, *forget = in + HIDDEN, *content = forget + HIDDEN, *out = content + HIDDEN;
    for (int unit = 0; unit < HIDDEN; unit++)
        cell->unit[unit] = forget[unit] * cell->unit[unit] + in[unit] * content[unit];
    for (int block = 0; block < PADDED(HIDDEN) / LANES; block++)
        hidden->block[block] = hyperbolic_tangent(cell->block[block]);
    for (int unit = 0; unit < HIDDEN; unit++)
        hidden->unit[unit] *= out[unit];
#else /* r, z, n; here `cell` holds n */
    static gates recurrent;
    project(weights.from_hidden[0], weights.bias_hidden, hidden->unit, HIDDEN, ROWS / LANES, recurrent.block);
    for (int block = 0; block < ROWS / LANES; block++)
        sum.block[block] = sigmoid(input.block[block] + recurrent.block[block]);
    const float *reset = sum.row, *update = reset + HIDDEN;
    for (int unit = 0; unit < HIDDEN; unit++)
        cell->unit[unit] = input.row[2 * HIDDEN + unit] + reset[unit] * recurrent.row[2 * HIDDEN + unit];
    for (int block = 0; block < PADDED(HIDDEN) / LANES; block++)
        cell->block[block] = hyperbolic_tangent(cell->block[block]);
    for (int unit = 0; unit < HIDDEN; unit++)
        hidden->unit[unit] = (1.0f - update[unit]) * cell->unit[unit] + update[unit] * hidden->unit[unit];
#endif
}

/* Compute the logits [CLASSES] of one clip of `frames` frames with INPUTS features each. */
void classify(const float *features, int frames, float *logits)
{
    static state hidden, cell, total;
    static union { lanes block[PADDED(CLASSES) / LANES]; float row[PADDED(CLASSES)]; } output;
    memset(&hidden, 0, sizeof hidden);
    memset(&cell, 0, sizeof cell);
    memset(&total, 0, sizeof total);
    for (int frame = 0; frame < frames; frame++) {
        step(features + (size_t)frame * INPUTS, &hidden, &cell);
        for (int unit = 0; unit < HIDDEN; unit++)
            total.unit[unit] += hidden.unit[unit];
    }
    for (int unit = 0; unit < HIDDEN; unit++)
        total.unit[unit] = READOUT_MEAN ? total.unit[unit] / frames : hidden.unit[unit];
    project(weights.head[0], weights.head_bias, total.unit, HIDDEN, PADDED(CLASSES) / LANES, output.block);
    memcpy(logits, output.row, CLASSES * sizeof *logits);
}

static int64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int64_t peak_memory(void)
{
    long kilobytes = 0;
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        sscanf(line, "VmHWM: %ld", &kilobytes);
    if (status)
        fclose(status);
    return kilobytes * 1024LL;
}

int main(int count, char **arguments)
{
    if (count != 5)
        return fputs("recurrent CLIPS FRAMES QUERIES WARMUP < features\n", stderr), 2;
    const int clips = atoi(arguments[1]), frames = atoi(arguments[2]);
    const int queries = atoi(arguments[3]), warmup = atoi(arguments[4]);
    const size_t size = (size_t)frames * INPUTS;
    float *features = malloc(clips * size * sizeof *features), *logits = malloc(clips * CLASSES * sizeof *logits);
    int64_t *samples = malloc((queries + 1) * sizeof *samples);
    if (!features || !logits || !samples || fread(features, sizeof *features, clips * size, stdin) != clips * size)
        return fputs("recurrent: the features on stdin are too few, or too many for the memory\n", stderr), 1;
    for (int query = -warmup; query < queries; query++) {
        const int64_t start = nanoseconds();
        for (int clip = 0; clip < clips; clip++)
            classify(features + clip * size, frames, logits + clip * CLASSES);
        if (query >= 0)
            samples[query] = nanoseconds() - start;
    }
    samples[queries] = peak_memory();
    fwrite(logits, sizeof *logits, (size_t)clips * CLASSES, stdout);
    fwrite(samples, sizeof *samples, queries + 1, stdout);
    return fflush(stdout) != 0;
}
