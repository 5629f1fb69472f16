// The client of a page that is hidden or suspended, and of a device that sleeps: its timers are late, and frames are not.
import { expect, test } from "vitest";
import { settled, Stage } from "./testing/fake_world.js";

test("a page that is looked at again does not wait for its turn", async () => {
  const stage = new Stage();
  const socket = await stage.online();
  socket.drop();
  stage.world.awake();
  await settled();
  expect(stage.world.sockets).toHaveLength(2);
});

test("a page that is looked at again leaves a server that does not answer soon", async () => {
  const stage = new Stage();
  const socket = await stage.online();
  stage.world.awake();
  expect(socket.types()).toStrictEqual(["heartbeat"]);
  await stage.world.advance(4_999);
  expect(socket.isClosed).toBe(false);
  await stage.world.advance(1);
  expect(socket.isClosed).toBe(true);
  expect(stage.told()).toStrictEqual(["backoff"]);
});

test("a page that is looked at again keeps a server that answers", async () => {
  const stage = new Stage();
  const socket = await stage.online();
  stage.world.awake();
  await stage.hear({ type: "heartbeat", body: { offset: 0 } });
  await stage.world.advance(9_000);
  expect(socket.isClosed).toBe(false);
});

test("a hidden page whose heartbeat was asleep comes back as soon as the server has lost it", async () => {
  const stage = new Stage();
  const socket = await stage.online();
  socket.drop(4411);
  await settled();
  expect(stage.world.sockets).toHaveLength(2);
  expect(stage.told()).toStrictEqual(["backoff", "connecting"]);
});

test("a hidden page whose timers come once a minute asks its server each time, and stays", async () => {
  const stage = new Stage();
  const socket = await stage.online();
  for (let minute = 0; minute < 10; minute += 1) {
    await stage.world.sleep(60_000);
    expect(new Set(socket.types())).toStrictEqual(new Set(["heartbeat"]));
    await stage.hear({ type: "heartbeat", body: { offset: 0 } });
  }
  expect(socket.isClosed).toBe(false);
  expect(stage.told()).toStrictEqual([]);
});

test("a hidden page leaves a server that has not answered when its next timer comes", async () => {
  const stage = new Stage();
  const socket = await stage.online();
  await stage.world.sleep(60_000);
  expect(socket.isClosed).toBe(false);
  await stage.world.sleep(60_000);
  expect(socket.isClosed).toBe(true);
  expect(stage.told()).toStrictEqual(["backoff", "connecting"]);
});

test("a page that is looked at after an hour's sleep, before any timer, comes back without a pause", async () => {
  const stage = new Stage();
  const socket = await stage.online();
  stage.world.now += 3_600_000;
  stage.world.awake();
  await stage.world.advance(0);
  expect(socket.isClosed).toBe(true);
  expect(stage.told()).toStrictEqual(["backoff", "connecting"]);
});

test("a device that slept for an hour comes back without a pause", async () => {
  const stage = new Stage();
  const socket = await stage.online();
  await stage.world.sleep(3_600_000);
  expect(socket.isClosed).toBe(true);
  expect(stage.world.sockets).toHaveLength(2);
  expect(stage.told()).toStrictEqual(["backoff", "connecting"]);
});
