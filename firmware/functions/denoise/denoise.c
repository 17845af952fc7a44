/* denoise: non-local means on one band (Buades, Coll, Morel, CVPR 2005) in whole numbers; heavy on purpose, and bit for bit the same everywhere.
 * Input: a raster, or nothing: then a seeded synthetic frame of 349 x 352. After it, or alone, up to two bytes: rounds 1 to 16 (default 4), band (default 3).
 * Output: a raster of one band. */
#include "raster.h"

enum { SEARCH = 5, PATCH = 1, MARGIN = SEARCH + PATCH, SYNTHETIC_WIDTH = 349, SYNTHETIC_HEIGHT = 352, ROUNDS_MAX = 16, ROUNDS_DEFAULT = 4, BAND_DEFAULT = 3 };

static u32 width, height, stride;

/* A stripe pattern with the invocation's own noise on it. */
static u8 *synthesise(void)
{
    width = SYNTHETIC_WIDTH;
    height = SYNTHETIC_HEIGHT;
    u8 *band = allocate(width * height), *noise = allocate(width * height);
    satnode_random(noise, width * height);
    for (u32 i = 0; i < width * height; i++) band[i] = (u8)(64 + ((i % width ^ i / width) & 64) + (noise[i] & 31));
    return band;
}

/* Copies the band into a frame whose border repeats the edge, so that the loops below need no tests. */
static void pad(u8 *frame, const u8 *band)
{
    for (u32 y = 0; y < height + 2 * MARGIN; y++) {
        u32 from_y = y < MARGIN ? 0 : y - MARGIN >= height ? height - 1 : y - MARGIN;
        for (u32 x = 0; x < stride; x++) {
            u32 from_x = x < MARGIN ? 0 : x - MARGIN >= width ? width - 1 : x - MARGIN;
            frame[y * stride + x] = band[from_y * width + from_x];
        }
    }
}

static u32 distance(const u8 *a, const u8 *b)
{
    u32 sum = 0;
    for (i32 y = -PATCH; y <= PATCH; y++)
        for (i32 x = -PATCH; x <= PATCH; x++) {
            i32 d = a[y * (i32)stride + x] - b[y * (i32)stride + x];
            sum += (u32)(d * d);
        }
    return sum;
}

static void filter(u8 *band, const u8 *frame, const u32 *weight)
{
    for (u32 y = 0; y < height; y++)
        for (u32 x = 0; x < width; x++) {
            const u8 *here = frame + (y + MARGIN) * stride + x + MARGIN;
            u32 total = 0, sum = 0;
            for (i32 dy = -SEARCH; dy <= SEARCH; dy++)
                for (i32 dx = -SEARCH; dx <= SEARCH; dx++) {
                    const u8 *there = here + dy * (i32)stride + dx;
                    u32 w = weight[distance(here, there) >> 4];
                    total += w;
                    sum += w * *there;
                }
            band[y * width + x] = (u8)((sum + total / 2) / total);
        }
}

SATNODE_EXPORT(satnode_handle) i64 satnode_handle(const u8 *input, u32 length)
{
    u8 head[HEAD] = { 0 };
    const u8 *parameters = input, *raster = 0;
    u32 parameter_count = length;
    if (length >= HEAD) {
        check_head(input, length, RASTER_MAGIC, "expected a raster container, or at most 2 bytes");
        u64 bytes = HEAD + (u64)get32(input + 4) * get32(input + 8) * get32(input + 12);
        require(get32(input + 12) >= 1 && get32(input + 12) <= BANDS_MAX && bytes <= length, "expected a raster of the length that its head says");
        raster = input;
        parameters = input + bytes;
        parameter_count = (u32)(length - bytes);
    }
    require(parameter_count <= 2, "expected a raster container, or at most 2 bytes");
    u32 rounds = parameter_count > 0 ? parameters[0] : ROUNDS_DEFAULT, index = parameter_count > 1 ? parameters[1] : BAND_DEFAULT;
    require(rounds >= 1 && rounds <= ROUNDS_MAX, "expected 1 to 16 rounds");
    const u8 *band;
    if (raster) {
        width = get32(raster + 4);
        height = get32(raster + 8);
        u32 bands = get32(raster + 12);
        if (parameter_count < 2 && index >= bands) index = 0;
        require(index < bands, "expected a band that the raster has");
        band = raster + HEAD + index * width * height;
        put_head(head, raster, RASTER_MAGIC, 1, 0);
    }
    else {
        band = synthesise();
        put32(head, RASTER_MAGIC);
        put32(head + 4, width);
        put32(head + 8, height);
        put32(head + 12, 1);
    }
    /* How much alike patches count: 1 at no difference, falling with the square of it. At most 121 * 255 * 1024: fits 32 bits. */
    u32 steps = ((2 * PATCH + 1) * (2 * PATCH + 1) * 255 * 255 >> 4) + 1;
    u32 *weight = allocate(steps * 4);
    for (u32 i = 0; i < steps; i++) weight[i] = 1 + 1023u * 64 / (64 + i * i / 64);
    stride = width + 2 * MARGIN;
    u8 *frame = allocate(stride * (height + 2 * MARGIN)), *out = allocate(HEAD + width * height);
    __builtin_memcpy(out, head, HEAD);
    for (u32 r = 0; r < rounds; r++) {
        pad(frame, r == 0 ? band : out + HEAD);
        filter(out + HEAD, frame, weight);
    }
    return output(out, HEAD + width * height);
}
