// The end of a `switch` over a closed union.

/** Fails to compile if a member of the union was left out. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected: ${JSON.stringify(value)}`);
}
