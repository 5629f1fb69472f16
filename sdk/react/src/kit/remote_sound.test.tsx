// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { active, ME } from "../testing/fake_client.js";
import { participant } from "../testing/fake_room.js";
import { render, type Stage } from "../testing/render.js";
import { CallKit } from "./call_kit.js";

let stage: Stage;
/** Every element that was made to play something. */
let made: HTMLAudioElement[];
beforeEach(() => {
  made = [];
  vi.stubGlobal("Audio", function () {
    const element = document.createElement("audio");
    made.push(element);
    return element;
  });
});
afterEach(async () => {
  await stage.unmount();
  vi.unstubAllGlobals();
});

const voice = (user: string, source = "microphone") => {
  const tracks = [{ source, isMuted: false, media: { of: user } as unknown as MediaStream }];
  return participant(user, { streams: [{ name: `${user}_main`, user, extraInfo: "", tracks }] });
};
const talk = async () => {
  stage = await render(<CallKit />);
  await stage.do(() => stage.desk().join(stage.client.put(active()).id));
};
const hear = (...participants: ReturnType<typeof participant>[]) =>
  stage.do(() => stage.client.callById("call-1").room_.change({ participants }));
const elements = () => made.filter((each) => each.srcObject !== null);
const heard = () => elements().map((each) => (each.srcObject as unknown as { of: string }).of);

describe("the others’ voices", () => {
  it("are played, and the user’s own is not", async () => {
    await talk();
    await hear({ ...voice(ME), isMe: true }, voice("bob"), voice("carol", "screen_audio"), voice("dave", "camera"));
    expect(heard()).toEqual(["bob", "carol"]);
  });

  it("go on in the same elements when the call is made small", async () => {
    await talk();
    await hear(voice("bob"));
    const [before] = elements();
    await stage.click("button", "Minimize");
    expect(elements()).toEqual([before]);
    expect(made).toHaveLength(1);
  });

  it("come through the speaker that is chosen, and end with the call", async () => {
    await talk();
    const setSinkId = vi.fn(() => Promise.resolve());
    Object.assign(HTMLMediaElement.prototype, { setSinkId });
    await stage.do(() => stage.media.change({ chosen: { speaker: "s1" } }));
    await hear(voice("bob"));
    expect(setSinkId).toHaveBeenLastCalledWith("s1");
    await stage.do(() => stage.media.change({ chosen: { speaker: "s2" } }));
    expect(setSinkId).toHaveBeenLastCalledWith("s2");
    Reflect.deleteProperty(HTMLMediaElement.prototype, "setSinkId");
    await stage.do(() => stage.client.callById("call-1").hangUp());
    expect(heard()).toEqual([]);
  });

  it("that the browser blocks are played after a click, and the page says so until then", async () => {
    await talk();
    const blocked = () => Promise.reject(new DOMException("click first", "NotAllowedError"));
    HTMLMediaElement.prototype.play = blocked;
    await hear(voice("bob"));
    expect(stage.get("alert").textContent).toContain("keeps the sound off");
    await stage.click("button", "Turn sound on");
    expect(stage.find("alert")).toBeDefined();
    HTMLMediaElement.prototype.play = () => Promise.resolve();
    await stage.click("button", "Turn sound on");
    expect(stage.find("alert")).toBeUndefined();
  });

  it("that fail for another reason, or go while they are blocked, ask for no click", async () => {
    await talk();
    HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException("gone", "AbortError"));
    await hear(voice("bob"));
    expect(stage.find("alert")).toBeUndefined();
    HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException("click first", "NotAllowedError"));
    await hear(voice("carol"));
    expect(stage.find("alert")).toBeDefined();
    await hear();
    expect(stage.find("alert")).toBeUndefined();
  });
});
