/* Inflates one zlib stream (RFC 1950) of known length. Small before fast: canonical Huffman codes, decoded a bit at a time (RFC 1951, section 3.2.2). */
#ifndef INFLATE_H
#define INFLATE_H

#include "satnode.h"

enum { CODE_BITS_MAX = 15, LITERALS_MAX = 288, DISTANCES_MAX = 30 };

typedef struct { u16 count[CODE_BITS_MAX + 1], symbol[LITERALS_MAX]; } Huffman;

typedef struct { const u8 *in; u32 in_length, in_at, hold, held; u8 *out; u32 out_length, out_at; } Inflate;

static u32 take_bits(Inflate *s, u32 count)
{
    while (s->held < count) {
        require(s->in_at < s->in_length, "deflate: the stream is cut");
        s->hold |= (u32)s->in[s->in_at++] << s->held;
        s->held += 8;
    }
    u32 value = s->hold & ((1u << count) - 1);
    s->hold >>= count;
    s->held -= count;
    return value;
}

static void build(Huffman *h, const u8 *lengths, u32 symbols)
{
    u16 next[CODE_BITS_MAX + 1];
    i32 left = 1;
    for (u32 i = 0; i <= CODE_BITS_MAX; i++) h->count[i] = 0;
    for (u32 i = 0; i < symbols; i++) h->count[lengths[i]]++;
    for (u32 i = 1; i <= CODE_BITS_MAX; i++) {
        left = (left << 1) - h->count[i];
        require(left >= 0, "deflate: a code has too many words");
    }
    next[1] = 0;
    for (u32 i = 1; i < CODE_BITS_MAX; i++) next[i + 1] = next[i] + h->count[i];
    for (u32 i = 0; i < symbols; i++)
        if (lengths[i]) h->symbol[next[lengths[i]]++] = (u16)i;
}

static u32 decode(Inflate *s, const Huffman *h)
{
    i32 code = 0, first = 0, index = 0;
    for (u32 bits = 1; bits <= CODE_BITS_MAX; bits++) {
        code |= (i32)take_bits(s, 1);
        i32 count = h->count[bits];
        if (code - count < first) return h->symbol[index + (code - first)];
        index += count;
        first = (first + count) << 1;
        code <<= 1;
    }
    fail("deflate: no such code");
}

static void copy_codes(Inflate *s, const Huffman *literals, const Huffman *distances)
{
    static const u16 length_base[29] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258 };
    static const u8 length_extra[29] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };
    static const u16 distance_base[30] = { 1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073,
        4097, 6145, 8193, 12289, 16385, 24577 };
    for (;;) {
        u32 symbol = decode(s, literals);
        if (symbol == 256) return;
        if (symbol < 256) {
            require(s->out_at < s->out_length, "deflate: longer than the strip");
            s->out[s->out_at++] = (u8)symbol;
            continue;
        }
        require(symbol <= 285, "deflate: no such length");
        u32 length = length_base[symbol - 257] + take_bits(s, length_extra[symbol - 257]);
        u32 distance_symbol = decode(s, distances);
        require(distance_symbol < DISTANCES_MAX, "deflate: no such distance");
        u32 distance = distance_base[distance_symbol] + take_bits(s, distance_symbol < 4 ? 0 : (distance_symbol >> 1) - 1);
        require(distance <= s->out_at, "deflate: a distance before the start");
        require(length <= s->out_length - s->out_at, "deflate: longer than the strip");
        for (u32 i = 0; i < length; i++, s->out_at++) s->out[s->out_at] = s->out[s->out_at - distance];
    }
}

static void read_dynamic(Inflate *s, Huffman *literals, Huffman *distances)
{
    static const u8 order[19] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15 };
    u8 lengths[LITERALS_MAX + 32 + 19];
    u32 literal_count = take_bits(s, 5) + 257, distance_count = take_bits(s, 5) + 1, code_count = take_bits(s, 4) + 4;
    require(literal_count <= 286 && distance_count <= DISTANCES_MAX, "deflate: too many codes");
    for (u32 i = 0; i < 19; i++) lengths[order[i]] = 0;
    for (u32 i = 0; i < code_count; i++) lengths[order[i]] = (u8)take_bits(s, 3);
    build(literals, lengths, 19);
    u32 total = literal_count + distance_count, at = 0;
    while (at < total) {
        u32 symbol = decode(s, literals);
        if (symbol < 16) {
            lengths[at++] = (u8)symbol;
            continue;
        }
        require(symbol != 16 || at > 0, "deflate: nothing to repeat");
        u8 value = symbol == 16 ? lengths[at - 1] : 0;
        u32 repeat = symbol == 16 ? 3 + take_bits(s, 2) : symbol == 17 ? 3 + take_bits(s, 3) : 11 + take_bits(s, 7);
        require(repeat <= total - at, "deflate: too many lengths");
        while (repeat--) lengths[at++] = value;
    }
    require(lengths[256] != 0, "deflate: no end of block");
    build(literals, lengths, literal_count);
    build(distances, lengths + literal_count, distance_count);
}

static void read_fixed(Huffman *literals, Huffman *distances)
{
    u8 lengths[LITERALS_MAX];
    for (u32 i = 0; i < LITERALS_MAX; i++) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    build(literals, lengths, LITERALS_MAX);
    for (u32 i = 0; i < DISTANCES_MAX; i++) lengths[i] = 5;
    build(distances, lengths, DISTANCES_MAX);
}

static void copy_stored(Inflate *s)
{
    s->hold = s->held = 0;
    require(s->in_at + 4 <= s->in_length, "deflate: the stream is cut");
    u32 length = get16(s->in + s->in_at);
    require(length == (get16(s->in + s->in_at + 2) ^ 0xffffu), "deflate: a stored length does not match its complement");
    s->in_at += 4;
    require(length <= s->in_length - s->in_at, "deflate: the stream is cut");
    require(length <= s->out_length - s->out_at, "deflate: longer than the strip");
    __builtin_memcpy(s->out + s->out_at, s->in + s->in_at, length);
    s->in_at += length;
    s->out_at += length;
}

static void inflate_zlib(const u8 *in, u32 in_length, u8 *out, u32 out_length)
{
    static Huffman literals, distances;
    Inflate s = { in, in_length, 2, 0, 0, out, out_length, 0 };
    require(in_length >= 2 && (in[0] & 15) == 8 && (in[0] * 256u + in[1]) % 31 == 0 && !(in[1] & 32), "zlib: expected a deflate stream without dictionary");
    u32 last;
    do {
        last = take_bits(&s, 1);
        u32 type = take_bits(&s, 2);
        require(type < 3, "deflate: no such block type");
        if (type == 0) {
            copy_stored(&s);
            continue;
        }
        if (type == 1) read_fixed(&literals, &distances);
        else read_dynamic(&s, &literals, &distances);
        copy_codes(&s, &literals, &distances);
    } while (!last);
    require(s.out_at == out_length, "deflate: shorter than the strip");
    u32 a = 1, b = 0;
    for (u32 i = 0; i < out_length; i++) {
        a = (a + out[i]) % 65521;
        b = (b + a) % 65521;
    }
    require(s.in_at + 4 <= in_length, "zlib: the checksum is cut");
    const u8 *sum = in + s.in_at;
    require((b << 16 | a) == ((u32)sum[0] << 24 | sum[1] << 16 | sum[2] << 8 | sum[3]), "zlib: the checksum does not match");
}

#endif
