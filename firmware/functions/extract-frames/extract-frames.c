/* extract-frames: takes a raster, keeps what the burn ratio needs (near infrared and short-wave infrared) and cuts it into tiles. */
#include "raster.h"

/* Landsat 7 ETM+ as bands 1, 2, 3, 4, 5, 7: band 4 has index 3, band 7 has index 5. */
enum { TILE = 64, KEPT = 2, NEAR_INFRARED = 3, SHORT_WAVE_INFRARED = 5 };

SATNODE_EXPORT(satnode_handle) i64 satnode_handle(const u8 *input, u32 length)
{
    check_head(input, length, RASTER_MAGIC, "expected a raster container");
    u32 width = get32(input + 4), height = get32(input + 8), bands = get32(input + 12), plane = width * height;
    require(bands > SHORT_WAVE_INFRARED && bands <= BANDS_MAX, "expected a raster of 6 to 8 bands");
    require(length == HEAD + (u64)plane * bands, "expected a raster of the length that its head says");
    const u8 *planes[KEPT] = { input + HEAD + NEAR_INFRARED * plane, input + HEAD + SHORT_WAVE_INFRARED * plane };
    u32 across = (width + TILE - 1) / TILE, down = (height + TILE - 1) / TILE;
    u32 bytes = HEAD + across * down * TILE_HEAD + KEPT * plane;
    u8 *frames = allocate(bytes), *at = frames + HEAD;
    put_head(frames, input, FRAMES_MAGIC, across * down, KEPT);
    for (u32 y = 0; y < height; y += TILE)
        for (u32 x = 0; x < width; x += TILE) {
            u32 w = width - x < TILE ? width - x : TILE, h = height - y < TILE ? height - y : TILE;
            put32(at, x);
            put32(at + 4, y);
            put32(at + 8, w);
            put32(at + 12, h);
            at += TILE_HEAD;
            for (u32 b = 0; b < KEPT; b++)
                for (u32 row = 0; row < h; row++, at += w) __builtin_memcpy(at, planes[b] + (y + row) * width + x, w);
        }
    return output(frames, bytes);
}
