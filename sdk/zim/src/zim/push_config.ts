// What an app asks to be pushed, in the client's words.
import type { PushOptions, WithPush } from "@offhook/client";
import type { ZIMPushConfig, ZIMVoIPConfig } from "./types.js";

/** What the number of a handle stands for. */
const HANDLES: Readonly<Record<number, string>> = { 1: "generic", 2: "phone", 3: "email" };

/**
 * The push of a config: none unless title and content both say something, as the reference's web package has it. The server
 * may send one of its own then.
 */
export function pushOf(config: { pushConfig?: Partial<ZIMPushConfig> | undefined } | undefined): WithPush {
  const { title, content, ...more } = config?.pushConfig ?? {};
  if (!isText(title) || !isText(content)) return {};
  const push: PushOptions = { title, body: content };
  if (isText(more.payload)) push.payload = more.payload;
  if (isText(more.resourcesID)) push.resource = more.resourcesID;
  if (isText(more.threadID)) push.thread = more.threadID;
  if (more.enableBadge === true && Number.isInteger(more.badgeIncrement)) push.badge = more.badgeIncrement ?? 0;
  if (more.voIPConfig) push.voip = voipOf(more.voIPConfig);
  return { push };
}

function voipOf(config: Partial<ZIMVoIPConfig>): NonNullable<PushOptions["voip"]> {
  const handleKind = HANDLES[config.iOSVoIPHandleType ?? 0];
  return {
    ...(isText(config.iOSVoIPHandleValue) && { handle: config.iOSVoIPHandleValue }),
    ...(handleKind !== undefined && { handleKind }),
    ...(typeof config.iOSVoIPHasVideo === "boolean" && { hasVideo: config.iOSVoIPHasVideo }),
  };
}

/** Apps without types pass anything. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
