/* fire-alarm: an actor a target. A message is how sure a detector is that the target burns, 0 to 100 as text; it gives what it makes of it.
   One bright pixel is no fire: only the third sure detection in a row raises the alarm, once, and the next one may come ten minutes later.
   Of a flood of detections only the newest matters (coalesce); after an alarm they are dropped for a while. The count in a row is short-term memory; how
   many alarms a target had is state. */
#include "satnode.h"

enum { SURE = 60, IN_A_ROW = 3, QUIET_MS = 10 * 60 * 1000 };

static u8 text[96]; /* "alarms/" and a key of at most 64, or an answer */

static u32 put_text(u32 at, const char *words)
{
    u32 length = text_length(words);
    __builtin_memcpy(text + at, words, length);
    return at + length;
}

static u32 put_number(u32 at, u32 number)
{
    u8 digits[10];
    u32 n = 0;
    do digits[n++] = (u8)('0' + number % 10); while (number /= 10);
    while (n) text[at++] = digits[--n];
    return at;
}

static u32 percent(const u8 *input, u32 length)
{
    u32 value = 0;
    require(length >= 1 && length <= 3, "expected a number of 0 to 100");
    for (u32 i = 0; i < length; i++) {
        require(input[i] >= '0' && input[i] <= '9', "expected a number of 0 to 100");
        value = value * 10 + (input[i] - '0');
    }
    require(value <= 100, "expected a number of 0 to 100");
    return value;
}

static u32 raise_alarm(u32 sure)
{
    u8 kept[4];
    u32 key = put_text(0, "alarms/");
    i32 name = satnode_actor_key(text + key, 64);
    require(name > 0, "expected an actor in the manifest");
    u32 alarms = satnode_state_get(text, key + (u32)name, kept, 4) == 4 ? get32(kept) + 1 : 1;
    put32(kept, alarms);
    require(satnode_state_put(text, key + (u32)name, kept, 4) == 0, "the count of alarms could not be kept");
    require(satnode_actor_policy(SATNODE_DROP, QUIET_MS) == 0, "expected an actor in the manifest");
    /* "fire KEY PERCENT" */
    u32 end = put_text(0, "fire ");
    end += (u32)satnode_actor_key(text + end, 64);
    end = put_number(put_text(end, " "), sure);
    require(satnode_emit("fire", 4, text, end) == 0, "the alarm could not be sent");
    end = put_number(put_text(0, "alarm "), alarms);
    return end;
}

SATNODE_EXPORT(satnode_handle) i64 satnode_handle(const u8 *input, u32 length)
{
    u8 memory[4] = { 0 };
    u32 sure = percent(input, length), end;
    satnode_memory_get(memory, 4); /* what is absent counts from zero */
    u32 in_a_row = sure >= SURE ? get32(memory) + 1 : 0;
    if (in_a_row == IN_A_ROW) {
        in_a_row = 0;
        end = raise_alarm(sure);
    } else {
        require(satnode_actor_policy(SATNODE_COALESCE, 0) == 0, "expected an actor in the manifest");
        end = put_number(put_text(0, in_a_row ? "suspicion " : "quiet "), in_a_row);
    }
    put32(memory, in_a_row);
    require(satnode_memory_put(memory, in_a_row ? 4 : 0) == 0, "the memory could not be kept");
    return output(text, end);
}
