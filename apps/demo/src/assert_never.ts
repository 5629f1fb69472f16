// The end of a switch that names every case.

/** Never called, if the types hold. */
export function assertNever(value: never): never {
  throw new Error(`a case that nobody decided: ${JSON.stringify(value)}`);
}
