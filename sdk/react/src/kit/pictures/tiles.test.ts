import { describe, expect, it } from "vitest";
import { active, leg, ME } from "../../testing/fake_client.js";
import { FakeRoom, participant } from "../../testing/fake_room.js";
import { tilesOf, worse } from "./tiles.js";

const room = (...participants: ReturnType<typeof participant>[]) => ({
  ...new FakeRoom("call-1").state,
  stay: { phase: "in", isConnected: true } as const,
  participants,
});
const keys = (tiles: ReturnType<typeof tilesOf>) => tiles.map((tile) => tile.key);

describe("tiles", () => {
  it("are the others, then this user, then who rings; shared screens before all", () => {
    const call = active({
      legs: [leg(ME, "accepted"), leg("bob", "accepted"), leg("carol", "received"), leg("dave", "quit")],
    });
    const tiles = tilesOf(
      call,
      room(participant(ME, { isMe: true, screen: true }), participant("bob", { screen: true })),
      ME,
    );
    expect(keys(tiles)).toEqual(["screen bob_screen", "person bob", "person alice", "waiting carol"]);
  });

  it("show who has accepted and is not there yet, and who is there without a part in the call", () => {
    const tiles = tilesOf(active(), room(participant(ME, { isMe: true }), participant("guest")), ME);
    expect(tiles).toMatchObject([
      { user: "bob", presence: "absent", microphone: "absent" },
      { user: "guest", presence: "flowing" },
      { user: ME, isMe: true },
    ]);
  });

  it("say nothing of others while this device is out of the room", () => {
    const out = { ...room(participant("bob", { camera: true })), stay: { phase: "out", cause: "lost" } as const };
    expect(tilesOf(active(), out, ME)).toMatchObject([{ user: "bob", presence: "unknown" }, { user: ME }]);
  });

  it("know a picture that is muted, and one for which the connection is too narrow", () => {
    const track = { source: "camera", isMuted: false, layer: "off", media: {} as MediaStream };
    const stream = { name: "s", user: "bob", extraInfo: "", tracks: [track] };
    const tile = (streams: readonly (typeof stream)[]) =>
      tilesOf(active(), room(participant("bob", { streams })), ME)[0];
    expect(tile([stream])).toMatchObject({ camera: { stream: "s", isPaused: true } });
    expect(tile([{ ...stream, tracks: [{ ...track, isMuted: true }] }])).not.toHaveProperty("camera");
  });

  it("tell the worse of two qualities, of which none is no quality", () => {
    expect([worse(5, 2), worse(0, 4), worse(0, 0)]).toEqual([2, 4, 0]);
  });
});
