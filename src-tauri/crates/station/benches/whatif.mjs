// The plainest trial there is: limits, delay and hysteresis over typed arrays. Two rules and the values of a number, one
// number after the other, as whatif.rs writes them; integers, little-endian. Prints milliseconds and the counts of alerts.
import { readFileSync } from "node:fs";

const [, , path, length] = process.argv;
const count = Number(length);
const bytes = readFileSync(path);
const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);

/** Alerts by one rule: a crossing that lasts, until the value is back by the hysteresis. */
function alerts(values, low, high, delay, hysteresis) {
  let found = 0;
  for (const side of [-1, 1]) {
    const bound = side < 0 ? low : high;
    if (bound === -2147483648 || bound === 2147483647) continue;
    let since = -1;
    let active = false;
    for (let second = 0; second < values.length; second += 1) {
      const value = values[second];
      const beyond = side < 0 ? value < bound : value > bound;
      if (since >= 0 && !active && second - since >= delay) {
        active = true;
        found += 1;
      }
      if (active) {
        if (side < 0 ? value >= bound + hysteresis : value <= bound - hysteresis) {
          active = false;
          since = -1;
        }
      } else if (!beyond) since = -1;
      else if (since < 0) since = second;
    }
  }
  return found;
}

const began = process.hrtime.bigint();
let before = 0;
let after = 0;
for (let at = 0; at < words.length; at += 8 + count) {
  const rules = words.subarray(at, at + 8);
  const values = words.subarray(at + 8, at + 8 + count);
  before += alerts(values, rules[0], rules[1], rules[2], rules[3]);
  after += alerts(values, rules[4], rules[5], rules[6], rules[7]);
}
const ms = Number(process.hrtime.bigint() - began) / 1e6;
console.log(`${ms.toFixed(1)} ${after} alerts instead of ${before}`);
