// Devices that can be chosen.
import type { LocalDevice, LocalMediaState } from "@offhook/client";

/** Those of a kind. Of speakers none where the browser does not let a page choose. */
export function devicesOf(state: LocalMediaState, kind: LocalDevice["kind"]): readonly LocalDevice[] {
  if (kind === "speaker" && !("setSinkId" in HTMLMediaElement.prototype)) return [];
  return state.devices.filter((device) => device.kind === kind);
}
