// @offhook/react: hooks and a themed call UI kit over @offhook/client.
export { OffhookProvider, type OffhookProviderProps } from "./provider.js";
export type { CreateMedia, KitOptions } from "./options.js";
export { type Clock, systemClock } from "./clock.js";
export { mount, type Mounted, type MountOptions } from "./mount.js";

export { useCall, useCalls, useClient, useConnection, useIncoming, useMe } from "./hooks/calls.js";
export { useDesk, useName, useNames, useSound, useStage, useUsers, useWords } from "./hooks/desk.js";
export { useLocalMedia, useRoom } from "./hooks/room.js";
export { type History, useHistory } from "./hooks/use_history.js";
export { useNow } from "./hooks/use_now.js";
export { useStore } from "./hooks/use_store.js";

export { CallKit, type CallKitProps, useIsCovered } from "./kit/call_kit.js";
export { CallButton, type CallButtonProps, CallButtons } from "./kit/call_button.js";
export { CallHistory, type CallHistoryProps } from "./kit/call_history.js";
export { CallPage, type CallPageProps } from "./kit/call_page.js";
export { Avatar } from "./kit/avatar.js";
export { DeviceCheck } from "./kit/device_check.js";
export { IncomingBanner, type IncomingBannerProps } from "./kit/incoming_banner.js";
export { IncomingDialog } from "./kit/incoming_dialog.js";
export { Notices } from "./kit/notices.js";
export { OverCard, OverPage, type OverProps } from "./kit/over_page.js";
export { Autoplay, RemoteSound } from "./kit/remote_sound.js";
export { Root } from "./kit/root.js";
export { SettingsPanel } from "./kit/settings_panel.js";
export { SmallCall, type SmallCallProps } from "./kit/small_call.js";
export { Timer } from "./kit/timer.js";
export { DialingPage, FailedPage, WaitingPage } from "./kit/waiting_page.js";

export type { Desk, PlaceOptions } from "./desk/desk.js";
export type { Person, ResolveUser } from "./desk/directory.js";
export { isMissed, type Outcome, type OutcomeKind, outcomeOf } from "./desk/outcome.js";
export { type Scene, type Stage, stageOf } from "./desk/stage.js";
export type { DeskState, Dialing, Media, Notice, Part, Settings, View } from "./desk/state.js";
export { languageOf, type Language, type Words, wordsOf } from "./words/index.js";
export { en } from "./words/en.js";
export { zh } from "./words/zh.js";
export { displayName, hueOf } from "./text/names.js";
export { span } from "./text/times.js";
