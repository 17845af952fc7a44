// ndvi: how green a scene is. Takes a raster as raster.h describes it, gives JSON: the vegetation index
// NDVI = (b4 - b3) / (b4 + b3) of all pixels as least, mean and greatest value, the share of vegetated pixels (NDVI of at
// least 0.3) and a histogram of twenty classes of 0.1 from -1 to 1. Pixels that are dark in both bands have no index.

// @ts-ignore: decorators are AssemblyScript
@external("satnode", "abort")
declare function satnode_abort(code: i32, text: usize, length: i32): void;

// @ts-ignore: decorators are AssemblyScript
@external("satnode", "log")
declare function satnode_log(level: i32, text: usize, length: i32): void;

const HEAD: u32 = 56;
const MAGIC: u32 = 0x31524e53; // "SNR1"
const SIDE_MAX: u32 = 4096;
const RED: u32 = 2; // band 3 of Landsat 7
const NEAR_INFRARED: u32 = 3; // band 4
const CLASSES: i32 = 20;
const VEGETATED: f64 = 0.3;
const INFORMATION: i32 = 1;
const BAD_INPUT: i32 = 2;

/** What the compiler calls when the program itself gives up. */
export function giveUp(message: string | null, file: string | null, line: u32, column: u32): void {
  fail(message === null ? "gave up" : message);
}

export function satnode_alloc(length: i32): i32 {
  return <i32>heap.alloc(<usize>length);
}

export function satnode_handle(at: i32, length: i32): i64 {
  const input = <usize>(<u32>at);
  if (<u32>length < HEAD || load<u32>(input) != MAGIC) fail("expected a raster");
  const width = load<u32>(input, 4), height = load<u32>(input, 8), bands = load<u32>(input, 12);
  if (width < 1 || width > SIDE_MAX || height < 1 || height > SIDE_MAX) fail("expected sides of 1 to 4096 pixels");
  const pixels = width * height;
  if (bands <= NEAR_INFRARED || bands > 8 || <u64>(<u32>length) < <u64>HEAD + <u64>bands * pixels) fail("expected at least four whole bands");

  const red = input + HEAD + <usize>(RED * pixels), infrared = input + HEAD + <usize>(NEAR_INFRARED * pixels);
  const histogram = new StaticArray<u32>(CLASSES);
  let counted: u32 = 0, vegetated: u32 = 0;
  let sum: f64 = 0, least: f64 = 1, greatest: f64 = -1;
  for (let i: u32 = 0; i < pixels; i++) {
    const r = <f64>load<u8>(red + i), n = <f64>load<u8>(infrared + i);
    if (r + n == 0) continue;
    const index = (n - r) / (n + r);
    counted++;
    sum += index;
    if (index < least) least = index;
    if (index > greatest) greatest = index;
    if (index >= VEGETATED) vegetated++;
    const bin = min<i32>(<i32>((index + 1) * (CLASSES / 2)), CLASSES - 1);
    unchecked((histogram[bin] += 1));
  }
  if (counted == 0) fail("expected a scene with light in it");

  let classes = "";
  for (let i = 0; i < CLASSES; i++) classes += (i == 0 ? "" : ",") + histogram[i].toString();
  const text = `{"width":${width},"height":${height},"pixels":${counted},"ndvi":{"min":${rounded(least)},"mean":${rounded(sum / counted)},"max":${rounded(greatest)}},`
    + `"vegetated":${rounded(<f64>vegetated / counted)},"histogram":[${classes}]}`;
  const line = String.UTF8.encode(`${counted} pixels, mean NDVI ${rounded(sum / counted)}`);
  satnode_log(INFORMATION, changetype<usize>(line), line.byteLength);
  const output = String.UTF8.encode(text);
  return (<i64>changetype<usize>(output) << 32) | <i64>output.byteLength;
}

/** With four decimals. */
function rounded(value: f64): string {
  return (Math.round(value * 10000) / 10000).toString();
}

function fail(reason: string): void {
  const text = String.UTF8.encode(reason);
  satnode_abort(BAD_INPUT, changetype<usize>(text), text.byteLength);
}
