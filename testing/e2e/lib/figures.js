// Figures of several runs.

/** @param {number[]} times in milliseconds */
export function figuresOf(times) {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (share) => Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]);
  return { runs: sorted.length, p50_ms: at(0.5), p95_ms: at(0.95), least_ms: at(0), most_ms: at(1) };
}

export function sentence(what, { runs, p50_ms, p95_ms, least_ms, most_ms }) {
  return `${what} over ${runs} runs: p50 ${p50_ms} ms, p95 ${p95_ms} ms, least ${least_ms} ms, most ${most_ms} ms`;
}
