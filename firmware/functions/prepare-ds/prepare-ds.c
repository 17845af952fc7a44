/* prepare-ds: takes burnt regions and gives the dataset that goes down: a GeoJSON feature collection in the scene's projection, at most 64 KiB.
 * Outlines of more than 96 corners are thinned; where the room ends, regions get their bounding box as outline, and after that are only counted. */
#include "raster.h"

enum { DATASET_BYTES_MAX = 65536, CORNERS_MAX = 96, FEATURE_ROOM = 512, CORNER_ROOM = 32 };

static u8 *text;
static u32 used;

static void add(const char *s)
{
    u32 n = text_length(s);
    __builtin_memcpy(text + used, s, n);
    used += n;
}

static void add_number(i64 value)
{
    u8 digits[20];
    u32 n = 0;
    u64 rest = value < 0 ? (u64)-value : (u64)value;
    do digits[n++] = (u8)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0) text[used++] = '-';
    while (n) text[used++] = digits[--n];
}

/* A number with a fixed count of decimals, rounded half away from zero. */
static void add_decimal(double value, u32 decimals)
{
    require(value > -1e11 && value < 1e11, "expected numbers below 1e11");
    i64 scale = 1;
    for (u32 i = 0; i < decimals; i++) scale *= 10;
    i64 scaled = (i64)(value * (double)scale + (value < 0 ? -0.5 : 0.5));
    if (scaled < 0) {
        text[used++] = '-';
        scaled = -scaled;
    }
    add_number(scaled / scale);
    text[used++] = '.';
    for (i64 part = scaled % scale, unit = scale / 10; unit; part %= unit, unit /= 10) text[used++] = (u8)('0' + part / unit);
}

static void add_corner(const u8 *head, double x, double y)
{
    add("[");
    add_decimal(get64f(head + 32) + x * get64f(head + 16), 1);
    add(",");
    add_decimal(get64f(head + 40) - y * get64f(head + 24), 1);
    add("]");
}

static void add_box(const u8 *head, const u8 *region)
{
    double left = get32(region + 8), top = get32(region + 12), right = get32(region + 16) + 1, bottom = get32(region + 20) + 1;
    double corners[5][2] = { { left, top }, { right, top }, { right, bottom }, { left, bottom }, { left, top } };
    for (u32 i = 0; i < 5; i++) {
        if (i) add(",");
        add_corner(head, corners[i][0], corners[i][1]);
    }
}

static void add_outline(const u8 *head, const u8 *region, u32 points)
{
    const u8 *corners = region + REGION_HEAD;
    u32 step = (points + CORNERS_MAX - 1) / CORNERS_MAX;
    for (u32 i = 0; i < points; i += step) {
        add_corner(head, get16(corners + i * 4), get16(corners + i * 4 + 2));
        add(",");
    }
    add_corner(head, get16(corners), get16(corners + 2));
}

static void add_feature(const u8 *head, const u8 *region, u32 points, int whole)
{
    double hectare = get64f(head + 16) * get64f(head + 24) / 10000;
    add("{\"type\":\"Feature\",\"id\":");
    add_number(get32(region));
    add(",\"properties\":{\"pixels\":");
    add_number(get32(region + 4));
    add(",\"areaHa\":");
    add_decimal(get32(region + 4) * hectare, 2);
    add(",\"bbox\":[");
    for (u32 i = 0; i < 4; i++) {
        if (i) add(",");
        add_number(get32(region + 8 + i * 4));
    }
    add("],\"centroid\":");
    add_corner(head, get64f(region + 24) + 0.5, get64f(region + 32) + 0.5);
    add(",\"meanNbr\":");
    add_decimal(get64f(region + 40), 6);
    add(",\"outline\":");
    add(!whole ? "\"box\"" : points > CORNERS_MAX ? "\"thinned\"" : "\"exact\"");
    add("},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[");
    if (whole) add_outline(head, region, points);
    else add_box(head, region);
    add("]]}}");
}

SATNODE_EXPORT(satnode_handle) i64 satnode_handle(const u8 *input, u32 length)
{
    check_head(input, length, REGIONS_MAGIC, "expected a regions container");
    u32 count = get32(input + 12), listed = 0;
    double hectare = get64f(input + 16) * get64f(input + 24) / 10000;
    text = allocate(DATASET_BYTES_MAX);
    add("{\"type\":\"FeatureCollection\",\"epsg\":");
    add_number(get32(input + 48));
    add(",\"width\":");
    add_number(get32(input + 4));
    add(",\"height\":");
    add_number(get32(input + 8));
    add(",\"burntPixels\":");
    add_number(get32(input + 52));
    add(",\"burntHa\":");
    add_decimal(get32(input + 52) * hectare, 2);
    add(",\"regions\":");
    add_number(count);
    add(",\"features\":[");
    u64 at = HEAD;
    for (u32 i = 0; i < count; i++) {
        require(at + REGION_HEAD <= length, "expected whole regions");
        const u8 *region = input + at;
        u32 points = get32(region + 48);
        require(points >= 4 && at + REGION_HEAD + points * 4ull <= length, "expected whole outlines");
        at += REGION_HEAD + points * 4ull;
        u32 room = DATASET_BYTES_MAX - used - FEATURE_ROOM; /* the last feature's worth is kept for the end */
        u32 corners = points < CORNERS_MAX ? points : CORNERS_MAX;
        int whole = room >= FEATURE_ROOM + (corners + 2) * CORNER_ROOM;
        if (!whole && room < FEATURE_ROOM + 5 * CORNER_ROOM) continue;
        if (listed++) add(",");
        add_feature(input, region, points, whole);
    }
    require(at == length, "expected regions and nothing more");
    add("],\"omitted\":");
    add_number(count - listed);
    add("}");
    return output(text, used);
}
