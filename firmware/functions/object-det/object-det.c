/* object-det: takes frames, computes the normalised burn ratio NBR = (b4 - b7) / (b4 + b7) of every pixel, and outlines the regions where it is low:
 * burnt or bare ground. Regions are connected over sides and corners, across the borders of tiles too. On digital numbers, not on reflectance. */
#include "raster.h"

/* NBR below -0.30, in thousandths; and the smallest region that is listed, 30 pixels of 28.5 m: 2.4 hectares. */
enum { THRESHOLD_PERMILLE = -300, PIXELS_MIN = 30, REGIONS_MAX = 4096 };

typedef struct { u32 pixels, left, top, right, bottom; u64 sum_x, sum_y; double sum_nbr; u32 start, points; } Region;

static u32 width, height;
static const u8 *near_infrared, *short_wave;
static u32 *label; /* 0: not burnt; otherwise the pixel's set, then its region's number plus one */
static u32 *parent;

static u32 root(u32 set)
{
    while (parent[set] != set) {
        parent[set] = parent[parent[set]];
        set = parent[set];
    }
    return set;
}

static void join(u32 a, u32 b)
{
    a = root(a);
    b = root(b);
    if (a < b) parent[b] = a;
    else parent[a] = b;
}

/* Puts the tiles back at their places. */
static void stitch(const u8 *input, u32 length)
{
    u32 tiles = get32(input + 12), plane = width * height, covered = 0;
    require(get32(input + 52) == 2, "expected frames of 2 bands");
    u8 *planes = allocate(2 * plane);
    u64 at = HEAD;
    for (u32 t = 0; t < tiles; t++) {
        require(at + TILE_HEAD <= length, "expected whole tiles");
        u32 x = get32(input + at), y = get32(input + at + 4), w = get32(input + at + 8), h = get32(input + at + 12);
        require(x < width && y < height && w >= 1 && h >= 1 && w <= width - x && h <= height - y, "expected tiles within the scene");
        at += TILE_HEAD;
        require(at + 2ull * w * h <= length, "expected whole tiles");
        for (u32 b = 0; b < 2; b++)
            for (u32 row = 0; row < h; row++, at += w) __builtin_memcpy(planes + b * plane + (y + row) * width + x, input + at, w);
        covered += w * h;
    }
    require(at == length && covered == plane, "expected tiles that cover the scene once");
    near_infrared = planes;
    short_wave = planes + plane;
}

static int burnt(u32 pixel)
{
    i32 n = near_infrared[pixel], s = short_wave[pixel];
    return n + s > 0 && (n - s) * 1000 < THRESHOLD_PERMILLE * (n + s);
}

/* First pass of two: every burnt pixel joins the sets of its neighbours that are already known. */
static void connect(void)
{
    u32 sets = 0;
    for (u32 y = 0; y < height; y++)
        for (u32 x = 0; x < width; x++) {
            u32 pixel = y * width + x, mine = 0;
            if (!burnt(pixel)) continue;
            u32 around[4] = {
                x > 0 ? label[pixel - 1] : 0, y > 0 && x > 0 ? label[pixel - width - 1] : 0,
                y > 0 ? label[pixel - width] : 0, y > 0 && x + 1 < width ? label[pixel - width + 1] : 0,
            };
            for (u32 i = 0; i < 4; i++) {
                if (!around[i]) continue;
                if (mine) join(mine, around[i]);
                else mine = around[i];
            }
            if (!mine) {
                mine = ++sets;
                parent[mine] = mine;
            }
            label[pixel] = mine;
        }
}

static int in_region(i32 x, i32 y, u32 set)
{
    return x >= 0 && y >= 0 && x < (i32)width && y < (i32)height && label[(u32)y * width + (u32)x] == set;
}

/* Walks the corners of the outer boundary clockwise, the region on the right hand; turning left first keeps regions together that touch at corners.
 * Writes each corner where the way turns, when out is given, and returns how many there are. */
static u32 outline(u32 start, u32 set, u8 *out)
{
    static const i32 step_x[4] = { 1, 0, -1, 0 }, step_y[4] = { 0, 1, 0, -1 };
    static const i32 left_x[4] = { 0, 0, -1, -1 }, left_y[4] = { -1, 0, 0, -1 }, right_x[4] = { 0, -1, -1, 0 }, right_y[4] = { 0, 0, -1, -1 };
    i32 x0 = (i32)(start % width), y0 = (i32)(start / width), x = x0, y = y0;
    u32 direction = 0, points = 0;
    do {
        x += step_x[direction];
        y += step_y[direction];
        u32 turned = direction;
        if (in_region(x + left_x[direction], y + left_y[direction], set)) turned = (direction + 3) & 3;
        else if (!in_region(x + right_x[direction], y + right_y[direction], set)) turned = (direction + 1) & 3;
        if (turned != direction) {
            if (out) {
                put16(out + points * 4, (u16)x);
                put16(out + points * 4 + 2, (u16)y);
            }
            points++;
        }
        direction = turned;
    } while (x != x0 || y != y0 || direction != 0);
    return points;
}

SATNODE_EXPORT(satnode_handle) i64 satnode_handle(const u8 *input, u32 length)
{
    check_head(input, length, FRAMES_MAGIC, "expected a frames container");
    width = get32(input + 4);
    height = get32(input + 8);
    u32 plane = width * height, burnt_pixels = 0, found = 0;
    stitch(input, length);
    label = allocate(plane * 4);
    parent = allocate((plane / 2 + 2) * 4);
    connect();

    u32 *count = allocate((plane / 2 + 2) * 4), *number = allocate((plane / 2 + 2) * 4);
    for (u32 p = 0; p < plane; p++) {
        if (!label[p]) continue;
        label[p] = root(label[p]);
        count[label[p]]++;
        burnt_pixels++;
    }
    Region *regions = allocate(REGIONS_MAX * sizeof(Region));
    for (u32 p = 0; p < plane; p++) {
        u32 set = label[p];
        if (!set || count[set] < PIXELS_MIN) continue;
        if (!number[set]) {
            require(found < REGIONS_MAX, "expected at most 4096 regions");
            number[set] = ++found;
            regions[found - 1] = (Region){ .left = width, .start = p, .top = p / width };
        }
        Region *r = &regions[number[set] - 1];
        u32 x = p % width, y = p / width;
        i32 n = near_infrared[p], s = short_wave[p];
        r->pixels++;
        if (x < r->left) r->left = x;
        if (x > r->right) r->right = x;
        r->bottom = y;
        r->sum_x += x;
        r->sum_y += y;
        r->sum_nbr += (double)(n - s) / (double)(n + s);
    }

    u32 bytes = HEAD;
    for (u32 i = 0; i < found; i++) {
        regions[i].points = outline(regions[i].start, label[regions[i].start], 0);
        bytes += REGION_HEAD + regions[i].points * 4;
    }
    u8 *out = allocate(bytes), *at = out + HEAD;
    put_head(out, input, REGIONS_MAGIC, found, burnt_pixels);
    for (u32 i = 0; i < found; i++) {
        const Region *r = &regions[i];
        u32 head[6] = { i + 1, r->pixels, r->left, r->top, r->right, r->bottom };
        __builtin_memcpy(at, head, sizeof head);
        put64f(at + 24, (double)r->sum_x / r->pixels);
        put64f(at + 32, (double)r->sum_y / r->pixels);
        put64f(at + 40, r->sum_nbr / r->pixels);
        put32(at + 48, r->points);
        outline(r->start, label[r->start], at + REGION_HEAD);
        at += REGION_HEAD + r->points * 4;
    }
    return output(out, bytes);
}
