// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeClock } from "../testing/fake_clock.js";
import { Sound } from "./sound.js";

let tones: number[];

class FakeNode {
  gain = {
    setValueAtTime: () => undefined,
    linearRampToValueAtTime: () => undefined,
    exponentialRampToValueAtTime: () => undefined,
  };
  connect = (next: unknown) => next;
}

class FakeTone extends FakeNode {
  readonly #frequency: number;

  constructor(_audio: unknown, { frequency }: { frequency: number }) {
    super();
    this.#frequency = frequency;
  }

  start(): void {
    tones.push(this.#frequency);
  }

  stop(): void {}
}

beforeEach(() => {
  tones = [];
  vi.stubGlobal(
    "AudioContext",
    class {
      currentTime = 0;
      destination = {};
      resume = () => Promise.resolve();
    },
  );
  vi.stubGlobal("GainNode", FakeNode);
  vi.stubGlobal("OscillatorNode", FakeTone);
});
afterEach(() => vi.unstubAllGlobals());

describe("the ring", () => {
  it("waits for the user’s first click, then rings on until it is to stop", async () => {
    const clock = new FakeClock();
    const sound = new Sound(clock);
    const stop = sound.watch(window);
    sound.play("ring");
    expect(tones).toEqual([]);
    window.dispatchEvent(new Event("pointerdown"));
    await Promise.resolve();
    expect(sound.state.isUnlocked).toBe(true);
    const once = tones.length;
    expect(once).toBeGreaterThan(0);
    clock.pass(2_800);
    expect(tones).toHaveLength(2 * once);
    sound.play(undefined);
    clock.pass(60_000);
    expect(tones).toHaveLength(2 * once);
    stop();
  });

  it("is silent while sounds are off, and comes back in the middle of a ring", async () => {
    const clock = new FakeClock();
    const sound = new Sound(clock);
    sound.unlock();
    await Promise.resolve();
    sound.setOn(false);
    sound.play("ring");
    sound.signal("connected");
    clock.pass(10_000);
    expect(tones).toEqual([]);
    sound.setOn(true);
    expect(tones).not.toEqual([]);
  });
});
