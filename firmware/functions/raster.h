/* The containers that the wildfire workflow hands on. All numbers little-endian.
 *
 * Every one begins with a 56-byte head:
 *    0  magic: "SNR1" raster, "SNF1" frames, "SNB1" burnt regions
 *    4  u32 width, u32 height (pixels of the whole scene)
 *   12  u32 count: bands, tiles or regions
 *   16  f64 pixel width, f64 pixel height (metres)
 *   32  f64 easting, f64 northing of the upper left corner of pixel (0, 0) (metres)
 *   48  u32 EPSG code of the projection, 0 when not known
 *   52  u32 detail: raster 0; frames: bands in a tile; regions: burnt pixels in all regions, also those too small to list
 *
 * Raster: then count planes of width*height bytes.
 * Frames: then count tiles, each u32 x, y, width, height and as many planes of width*height bytes as the head says.
 * Regions: then count regions, each 56 bytes and its outline:
 *    0  u32 id (1 is the first in reading order), u32 pixels, u32 left, top, right, bottom (inclusive)
 *   24  f64 centroid x, y (pixels, centre of pixel (0, 0) is 0, 0), f64 mean NBR
 *   48  u32 points, u32 0
 *   56  points of u16 x, u16 y: corners of pixels, clockwise, the first not repeated; holes are not outlined */
#ifndef RASTER_H
#define RASTER_H

#include "satnode.h"

enum { HEAD = 56, TILE_HEAD = 16, REGION_HEAD = 56, SIDE_MAX = 4096, BANDS_MAX = 8 };

#define RASTER_MAGIC 0x31524e53u
#define FRAMES_MAGIC 0x31464e53u
#define REGIONS_MAGIC 0x31424e53u

static inline void check_head(const u8 *input, u32 length, u32 magic, const char *wrong)
{
    require(length >= HEAD && get32(input) == magic, wrong);
    u32 width = get32(input + 4), height = get32(input + 8);
    require(width >= 1 && width <= SIDE_MAX && height >= 1 && height <= SIDE_MAX, "expected sides of 1 to 4096 pixels");
}

/* Copies the head of another container under a new magic, count and detail. */
static inline void put_head(u8 *at, const u8 *from, u32 magic, u32 count, u32 detail)
{
    __builtin_memcpy(at, from, HEAD);
    put32(at, magic);
    put32(at + 12, count);
    put32(at + 52, detail);
}

#endif
