// What may fail, and is done without then.

/** What it gives, or undefined if it throws. */
export function tried<Given>(act: () => Given): Given | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
