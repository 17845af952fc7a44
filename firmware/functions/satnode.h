/* What a reactor for SatNode needs: the host calls and an allocator. No C library. See docs/function-abi.md. */
#ifndef SATNODE_H
#define SATNODE_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int i32;
typedef unsigned long long u64;
typedef long long i64;

#define SATNODE_IMPORT(name) __attribute__((import_module("satnode"), import_name(#name)))
#define SATNODE_EXPORT(name) __attribute__((export_name(#name), used))

SATNODE_IMPORT(state_size) i32 satnode_state_size(const void *key, u32 key_length);
SATNODE_IMPORT(state_get) i32 satnode_state_get(const void *key, u32 key_length, void *buffer, u32 capacity);
SATNODE_IMPORT(state_put) i32 satnode_state_put(const void *key, u32 key_length, const void *value, u32 length);
SATNODE_IMPORT(state_delete) i32 satnode_state_delete(const void *key, u32 key_length);
SATNODE_IMPORT(state_version) i64 satnode_state_version(const void *key, u32 key_length);
SATNODE_IMPORT(state_compare_and_set) i32 satnode_state_compare_and_set(const void *key, u32 key_length, const void *value, u32 length, i64 expected);
SATNODE_IMPORT(state_list) i32 satnode_state_list(const void *prefix, u32 prefix_length, void *buffer, u32 capacity);
SATNODE_IMPORT(object_put) i32 satnode_object_put(const void *name, u32 name_length, i64 offset, const void *bytes, u32 length);
SATNODE_IMPORT(object_get) i32 satnode_object_get(const void *name, u32 name_length, i64 offset, void *buffer, u32 capacity);
SATNODE_IMPORT(object_size) i64 satnode_object_size(const void *name, u32 name_length);
SATNODE_IMPORT(object_delete) i32 satnode_object_delete(const void *name, u32 name_length);
SATNODE_IMPORT(queue_push) i32 satnode_queue_push(const void *bytes, u32 length);
SATNODE_IMPORT(queue_pop) i32 satnode_queue_pop(void *buffer, u32 capacity);
SATNODE_IMPORT(queue_length) i32 satnode_queue_length(void);
SATNODE_IMPORT(memory_size) i32 satnode_memory_size(void);
SATNODE_IMPORT(memory_get) i32 satnode_memory_get(void *buffer, u32 capacity);
SATNODE_IMPORT(memory_put) i32 satnode_memory_put(const void *bytes, u32 length);
SATNODE_IMPORT(actor_key) i32 satnode_actor_key(void *buffer, u32 capacity);
SATNODE_IMPORT(actor_policy) i32 satnode_actor_policy(i32 policy, i32 value);
SATNODE_IMPORT(send) i32 satnode_send(const void *actor, u32 actor_length, const void *payload, u32 length, i32 priority);
SATNODE_IMPORT(invoke) i32 satnode_invoke(const void *function, u32 function_length, const void *input, u32 length);
SATNODE_IMPORT(invoke_output) i32 satnode_invoke_output(void *buffer, u32 capacity);
SATNODE_IMPORT(emit) i32 satnode_emit(const void *topic, u32 topic_length, const void *payload, u32 length);
SATNODE_IMPORT(log) void satnode_log(i32 level, const void *text, u32 length);
SATNODE_IMPORT(deadline_ms) i64 satnode_deadline_ms(void);
SATNODE_IMPORT(time_ms) i64 satnode_time_ms(void);
SATNODE_IMPORT(random) void satnode_random(void *buffer, u32 length);
SATNODE_IMPORT(node_fact) i32 satnode_node_fact(const void *name, u32 name_length, void *buffer, u32 capacity);
SATNODE_IMPORT(abort) void satnode_abort(i32 code, const void *text, u32 length) __attribute__((noreturn));

enum { SATNODE_OUT_OF_MEMORY = 1, SATNODE_BAD_INPUT = 2 };
enum { SATNODE_QUEUE, SATNODE_DROP, SATNODE_BATCH, SATNODE_COALESCE, SATNODE_PRIORITISE };

static inline u32 text_length(const char *text)
{
    u32 n = 0;
    while (text[n]) n++;
    return n;
}

/* Ends the invocation with a reason that the operator reads. */
static inline __attribute__((noreturn)) void fail(const char *reason)
{
    satnode_abort(SATNODE_BAD_INPUT, reason, text_length(reason));
}

static inline void require(int condition, const char *reason)
{
    if (!condition) fail(reason);
}

/* A bump allocator: an instance lives for one invocation, so nothing is given back. Memory is zero. */
extern u8 __heap_base;
static u32 heap_next;

static void *allocate(u32 bytes)
{
    if (heap_next == 0) heap_next = ((u32)&__heap_base + 15) & ~15u;
    u64 end = (u64)heap_next + ((u64)bytes + 15 & ~15ull);
    u64 have = (u64)__builtin_wasm_memory_size(0) << 16;
    if (end > have) {
        u32 pages = (u32)((end - have + 65535) >> 16);
        if (end > 0xffffffffull || __builtin_wasm_memory_grow(0, pages) == (__SIZE_TYPE__)-1)
            satnode_abort(SATNODE_OUT_OF_MEMORY, "no memory left", 14);
    }
    void *at = (void *)heap_next;
    heap_next = (u32)end;
    return at;
}

SATNODE_EXPORT(satnode_alloc) void *satnode_alloc(u32 bytes) { return allocate(bytes); }

static inline i64 output(const void *at, u32 length) { return (i64)(((u64)(u32)at << 32) | length); }

/* Little-endian fields at any address, which is what WebAssembly loads are. */
static inline u16 get16(const void *at) { u16 v; __builtin_memcpy(&v, at, 2); return v; }
static inline u32 get32(const void *at) { u32 v; __builtin_memcpy(&v, at, 4); return v; }
static inline double get64f(const void *at) { double v; __builtin_memcpy(&v, at, 8); return v; }
static inline void put16(void *at, u16 v) { __builtin_memcpy(at, &v, 2); }
static inline void put32(void *at, u32 v) { __builtin_memcpy(at, &v, 4); }
static inline void put64f(void *at, double v) { __builtin_memcpy(at, &v, 8); }

#endif
