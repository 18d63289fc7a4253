// A small generator of numbers that only look random: the made-up ward is the same each time.

/** Numbers from 0 to below 1, by seed (xorshift, 32 bits). */
export function sequence(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4_294_967_296;
  };
}
