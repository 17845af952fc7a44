/* ingest: takes a scene as GeoTIFF (little-endian, chunky, 8 bit, in strips, uncompressed or deflate) and gives a raster container (raster.h).
 * Sources: TIFF 6.0; GeoTIFF 1.1 (OGC 19-008r4); RFC 1950, RFC 1951. */
#include "raster.h"
#include "inflate.h"

enum {
    TAG_WIDTH = 256, TAG_HEIGHT = 257, TAG_BITS = 258, TAG_COMPRESSION = 259, TAG_STRIP_OFFSETS = 273, TAG_BANDS = 277,
    TAG_ROWS_PER_STRIP = 278, TAG_STRIP_BYTES = 279, TAG_PLANAR = 284, TAG_PREDICTOR = 317,
    TAG_PIXEL_SCALE = 33550, TAG_TIEPOINT = 33922, TAG_GEO_KEYS = 34735, KEY_PROJECTED = 3072,
};

static const u8 *file;
static u32 file_length;

typedef struct { u32 type, count, at; } Field;

static u32 size_of_type(u32 type) { return type == 3 ? 2 : type == 4 ? 4 : type == 12 ? 8 : 1; }

/* Finds a tag in the first directory; count 0 when it is not there. */
static Field find(u32 tag)
{
    u32 directory = get32(file + 4);
    require(directory <= file_length - 2, "TIFF: the directory lies outside the file");
    u32 entries = get16(file + directory);
    require((u64)directory + 2 + entries * 12ull <= file_length, "TIFF: the directory is cut");
    for (u32 i = 0; i < entries; i++) {
        u32 entry = directory + 2 + i * 12;
        if (get16(file + entry) != tag) continue;
        Field f = { get16(file + entry + 2), get32(file + entry + 4), entry + 8 };
        u64 bytes = (u64)f.count * size_of_type(f.type);
        if (bytes > 4) f.at = get32(file + entry + 8);
        require(f.at + bytes <= file_length, "TIFF: a field lies outside the file");
        return f;
    }
    return (Field){ 0, 0, 0 };
}

static u32 number(Field f, u32 index)
{
    require(index < f.count && (f.type == 3 || f.type == 4), "TIFF: a field is missing or no number");
    return f.type == 3 ? get16(file + f.at + index * 2) : get32(file + f.at + index * 4);
}

static u32 number_or(u32 tag, u32 otherwise)
{
    Field f = find(tag);
    return f.count ? number(f, 0) : otherwise;
}

static void put_georeference(u8 *head)
{
    Field scale = find(TAG_PIXEL_SCALE), tie = find(TAG_TIEPOINT), keys = find(TAG_GEO_KEYS);
    if (scale.count >= 2 && scale.type == 12 && tie.count >= 6 && tie.type == 12) {
        double sx = get64f(file + scale.at), sy = get64f(file + scale.at + 8);
        put64f(head + 16, sx);
        put64f(head + 24, sy);
        put64f(head + 32, get64f(file + tie.at + 24) - get64f(file + tie.at) * sx);
        put64f(head + 40, get64f(file + tie.at + 32) + get64f(file + tie.at + 8) * sy);
    }
    for (u32 i = 4; keys.type == 3 && i + 3 < keys.count; i += 4)
        if (number(keys, i) == KEY_PROJECTED && number(keys, i + 1) == 0) put32(head + 48, number(keys, i + 3));
}

SATNODE_EXPORT(satnode_handle) i64 satnode_handle(const u8 *input, u32 length)
{
    file = input;
    file_length = length;
    require(length >= 16 && get32(file) == 0x002a4949, "expected a little-endian TIFF");
    u32 width = number(find(TAG_WIDTH), 0), height = number(find(TAG_HEIGHT), 0), bands = number_or(TAG_BANDS, 1);
    require(width >= 1 && width <= SIDE_MAX && height >= 1 && height <= SIDE_MAX, "TIFF: expected sides of 1 to 4096 pixels");
    require(bands >= 1 && bands <= BANDS_MAX, "TIFF: expected 1 to 8 bands");
    Field bits = find(TAG_BITS);
    for (u32 i = 0; i < bands; i++) require(number(bits, i) == 8, "TIFF: expected 8 bits a sample");
    require(number_or(TAG_PLANAR, 1) == 1, "TIFF: expected chunky samples");
    require(number_or(TAG_PREDICTOR, 1) == 1, "TIFF: expected no predictor");
    u32 compression = number_or(TAG_COMPRESSION, 1);
    require(compression == 1 || compression == 8 || compression == 32946, "TIFF: expected no compression or deflate");
    u32 rows = number_or(TAG_ROWS_PER_STRIP, height);
    require(rows >= 1, "TIFF: expected at least one row a strip");
    if (rows > height) rows = height;

    u32 plane = width * height;
    u8 *raster = allocate(HEAD + plane * bands);
    put32(raster, RASTER_MAGIC);
    put32(raster + 4, width);
    put32(raster + 8, height);
    put32(raster + 12, bands);
    put_georeference(raster);

    Field offsets = find(TAG_STRIP_OFFSETS), counts = find(TAG_STRIP_BYTES);
    u8 *strip = allocate(width * bands * rows);
    u8 *out = raster + HEAD;
    for (u32 top = 0, i = 0; top < height; top += rows, i++) {
        u32 offset = number(offsets, i), bytes = number(counts, i);
        require((u64)offset + bytes <= file_length, "TIFF: a strip lies outside the file");
        u32 pixels = width * (top + rows <= height ? rows : height - top);
        const u8 *samples = file + offset;
        if (compression != 1) {
            inflate_zlib(samples, bytes, strip, pixels * bands);
            samples = strip;
        }
        else require(bytes == pixels * bands, "TIFF: a strip has the wrong length");
        for (u32 p = 0; p < pixels; p++)
            for (u32 b = 0; b < bands; b++) out[b * plane + top * width + p] = samples[p * bands + b];
    }
    return output(raster, HEAD + plane * bands);
}
