// A shelf that lies in memory.
import type { Shelf } from "../push/shelf.js";

export class FakeShelf implements Shelf {
  readonly kept = new Map<string, unknown>();
  /** As a browser that forbids storage. */
  isForbidden = false;

  read(name: string): Promise<unknown> {
    return this.isForbidden ? Promise.reject(new Error("forbidden")) : Promise.resolve(this.kept.get(name));
  }

  change<Result>(name: string, act: (before: unknown) => readonly [after: unknown, result: Result]): Promise<Result> {
    if (this.isForbidden) return Promise.reject(new Error("forbidden"));
    const [after, result] = act(this.kept.get(name));
    if (after === undefined) this.kept.delete(name);
    else this.kept.set(name, after);
    return Promise.resolve(result);
  }
}
