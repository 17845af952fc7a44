;; tally: counts by name, by hand. Takes a name of 1 to 100 bytes, adds one to the state of that name, gives the new count as text.
;; A count is kept as a 64-bit little-endian number. Build: wat2wasm tally.wat
(module
  (import "satnode" "state_get" (func $state_get (param i32 i32 i32 i32) (result i32)))
  (import "satnode" "state_put" (func $state_put (param i32 i32 i32 i32) (result i32)))
  (import "satnode" "abort" (func $abort (param i32 i32 i32)))
  (memory (export "memory") 1)
  ;; 0: reasons; 256: the count; 288 to 308: its digits, from the end; 512: the input
  (data (i32.const 0) "expected a name of 1 to 100 bytes")
  (data (i32.const 64) "the count could not be kept")

  (func (export "satnode_alloc") (param $length i32) (result i32)
    (if (i32.gt_u (local.get $length) (i32.const 100))
      (then (call $abort (i32.const 2) (i32.const 0) (i32.const 33))))
    (i32.const 512))

  (func (export "satnode_handle") (param $name i32) (param $length i32) (result i64)
    (local $count i64) (local $digit i32)
    (if (i32.eqz (local.get $length))
      (then (call $abort (i32.const 2) (i32.const 0) (i32.const 33))))
    ;; what is absent (-1) counts from zero: the memory is zero there
    (drop (call $state_get (local.get $name) (local.get $length) (i32.const 256) (i32.const 8)))
    (local.set $count (i64.add (i64.load (i32.const 256)) (i64.const 1)))
    (i64.store (i32.const 256) (local.get $count))
    (if (call $state_put (local.get $name) (local.get $length) (i32.const 256) (i32.const 8))
      (then (call $abort (i32.const 3) (i32.const 64) (i32.const 27))))
    (local.set $digit (i32.const 308))
    (loop $next
      (local.set $digit (i32.sub (local.get $digit) (i32.const 1)))
      (i32.store8 (local.get $digit)
        (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $count) (i64.const 10)))))
      (local.set $count (i64.div_u (local.get $count) (i64.const 10)))
      (br_if $next (i64.ne (local.get $count) (i64.const 0))))
    ;; pointer << 32 | length
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $digit)) (i64.const 32))
      (i64.extend_i32_u (i32.sub (i32.const 308) (local.get $digit))))))
