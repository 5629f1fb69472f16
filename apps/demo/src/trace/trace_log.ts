// The trace of one client, kept while the page lives.
import type { Client } from "@offhook/client";
import { Store } from "../store.js";
import { EMPTY, reduce, type Trace } from "./log.js";

/** Listens to a client and keeps what it hears. */
export class TraceLog extends Store<Trace> {
  constructor() {
    super(EMPTY);
  }

  /** @param now the clock of the client @returns how to stop listening */
  follow(client: Pick<Client, "on">, now: () => number): () => void {
    const stops = [
      client.on("trace", (line) => this.set(reduce(this.value, { kind: "line", line }))),
      client.on("event", (event) => this.set(reduce(this.value, { kind: "event", at: now(), event }))),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  clear(): void {
    this.set(reduce(this.value, { kind: "clear" }));
  }
}
