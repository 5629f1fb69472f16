// A shelf that lies in memory.
import type { Shelf } from "../push/shelf.js";

export class FakeShelf implements Shelf {
  readonly kept = new Map<string, unknown>();
  /** As a browser that forbids storage. */
  isForbidden = false;

  read(name: string): Promise<unknown> {
    return this.isForbidden ? Promise.reject(new Error("forbidden")) : Promise.resolve(this.kept.get(name));
  }

  async change<Result>(
    name: string,
    act: (before: unknown) => readonly [after: unknown, result: Result],
  ): Promise<Result> {
    // A browser takes its time.
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
    if (this.isForbidden) throw new Error("forbidden");
    const [after, result] = act(this.kept.get(name));
    if (after === undefined) this.kept.delete(name);
    else this.kept.set(name, after);
    return result;
  }
}
