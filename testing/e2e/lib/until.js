// Waiting for what must come. Nothing here sleeps for a fixed time and then looks: a condition is asked for until it holds.

const LOOK_EVERY_MS = 100;
/** Far more than anything takes on a machine that has other things to do, too. */
const PATIENCE_MS = 60_000;

/**
 * Asks until the answer is true, and returns what was true.
 * @template T
 * @param {string} what must come; stands in the error
 * @param {() => Promise<T>} ask
 * @param {(answer: T) => boolean} [holds]
 * @returns {Promise<T>}
 */
export async function until(what, ask, holds = Boolean) {
  const end = Date.now() + PATIENCE_MS;
  let answer;
  do {
    answer = await ask();
    if (holds(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  } while (Date.now() < end);
  throw new Error(`${what}: not within ${PATIENCE_MS / 1_000} s; at last ${JSON.stringify(answer)}`);
}

/**
 * Asks until a count has stood still for a while, and returns it.
 * @param {string} what
 * @param {() => Promise<number>} count
 * @param {number} ms how long it must stand still
 */
export async function untilStill(what, count, ms) {
  let still = { value: await count(), since: Date.now() };
  await until(what, async () => {
    const value = await count();
    if (value !== still.value) still = { value, since: Date.now() };
    return Date.now() - still.since >= ms;
  });
  return still.value;
}
