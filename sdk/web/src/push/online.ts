// Who the user is, and as which device, is sure only once the client is connected.
import type { Client } from "../api/client.js";

/** Resolves as soon as the client is online. */
export function online(client: Pick<Client, "on" | "state">): Promise<void> {
  if (client.state.connection.state === "online") return Promise.resolve();
  return new Promise((resolve) => {
    const stop = client.on("connection", ({ connection }) => {
      if (connection.state !== "online") return;
      stop();
      resolve();
    });
  });
}
