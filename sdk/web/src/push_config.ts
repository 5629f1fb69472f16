// What a caller sends along for pushes, as the wire has it.
import type { PushOptions } from "./api/push.js";
import type { PushConfig } from "./generated/frames.js";
import { given } from "./given.js";

export function pushConfig(push: PushOptions | undefined): PushConfig | undefined {
  if (!push) return undefined;
  const { voip, ...texts } = push;
  return given({
    ...texts,
    voip: voip && given({ handle: voip.handle, handle_kind: voip.handleKind, has_video: voip.hasVideo }),
  });
}
