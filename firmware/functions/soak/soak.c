/* soak: keeps a core busy for a known number of steps, for soak tests of heat and charge. The steps depend on each other, so that no compiler folds them, and give the same
 * number everywhere.
 * Input: nothing, or one byte: portions 1 to 100 (default 8) of about 25 ms on a desktop core. Output: the number, 8 bytes, little-endian. */
#include "satnode.h"

enum { PORTIONS_MAX = 100, PORTIONS_DEFAULT = 8, STEPS = 16000000 };

SATNODE_EXPORT(satnode_handle) i64 satnode_handle(const u8 *input, u32 length)
{
    require(length <= 1, "expected nothing, or one byte");
    u32 portions = length == 1 ? input[0] : PORTIONS_DEFAULT;
    require(portions >= 1 && portions <= PORTIONS_MAX, "expected 1 to 100 portions");
    u64 state = 0x9e3779b97f4a7c15ull; /* xorshift64*, Vigna 2016 */
    for (u32 portion = 0; portion < portions; portion++)
        for (u32 step = 0; step < STEPS; step++) {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
        }
    u64 *out = allocate(sizeof state);
    *out = state * 0x2545f4914f6cdd1dull;
    return output(out, sizeof state);
}
