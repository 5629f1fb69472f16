// An Express engine over a fake client, and a list of everything it tells.
import { OffhookError, type Problem } from "@offhook/client";
import { ZegoExpressEngine } from "../express/engine.js";
import type { ZegoEvents, ZegoRoomConfig } from "../express/types.js";
import { settled } from "./clock.js";
import { putDevices } from "./fake_media.js";
import type { FakeRoom } from "./fake_room.js";
import { JWT, Surroundings } from "./stage.js";

const EVENTS: Readonly<Record<keyof ZegoEvents, true>> = {
  roomStateUpdate: true,
  roomStateChanged: true,
  roomUserUpdate: true,
  roomOnlineUserCountUpdate: true,
  roomStreamUpdate: true,
  streamExtraInfoUpdate: true,
  roomExtraInfoUpdate: true,
  publisherStateUpdate: true,
  playerStateUpdate: true,
  publishQualityUpdate: true,
  playQualityUpdate: true,
  remoteCameraStatusUpdate: true,
  remoteMicStatusUpdate: true,
  soundLevelUpdate: true,
  capturedSoundLevelUpdate: true,
  networkQuality: true,
  IMRecvBroadcastMessage: true,
  IMRecvCustomCommand: true,
  tokenWillExpire: true,
  screenSharingEnded: true,
};
export const ALICE = { userID: "alice", userName: "Alice" };
export const BOB = { userID: "bob", userName: "BOB" };

/** An engine, what it is over, and what it told. */
export class ExpressStage extends Surroundings {
  readonly devices = putDevices();
  readonly engine = this.engineOf("https://calls.example");
  readonly told: (readonly unknown[])[] = [];

  /** An engine of the same page whose events count. */
  engineOf(server: string, app = 1): ZegoExpressEngine {
    const engine = new ZegoExpressEngine(app, server);
    for (const name of Object.keys(EVENTS) as (keyof ZegoEvents)[]) {
      engine.on(name, (...rest: unknown[]) => this.told.push([name, ...rest]));
    }
    return engine;
  }

  /** Logs into a room in which others are already. */
  async enter(config: ZegoRoomConfig = { userUpdate: true }, ...others: FakeRoom["others"]): Promise<FakeRoom> {
    const login = this.engine.loginRoom("lobby", JWT, ALICE, config);
    await settled();
    const room = this.client.room("lobby");
    room.others = others;
    this.client.online();
    await login;
    return room;
  }

  /** What was told beside the states of the room. */
  get news(): (readonly unknown[])[] {
    return this.told.filter(([name]) => !String(name).startsWith("roomState") && name !== "roomOnlineUserCountUpdate");
  }

  /** The states of the room, and their numbers. */
  get states(): (readonly unknown[])[] {
    return this.told.filter(([name]) => String(name).startsWith("roomState")).map(([, , ...rest]) => rest.slice(0, 2));
  }

  /** Takes the stage down. */
  async close(): Promise<void> {
    this.engine.destroyEngine();
    await settled();
    this.restore();
  }
}

/** A refusal of the server. */
export function refusal(code: string, zim_code: number): OffhookError {
  const problem: Problem = { code, message: "no", retryable: false, zim_code };
  return new OffhookError(code, "no", { problem });
}
