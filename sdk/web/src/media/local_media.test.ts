// Camera, microphone and screen, with devices that a test plugs in and out.
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { LocalMedia, LocalMediaOptions } from "../api/local_media.js";
import { FakeClock, FakeStream, FakeTrack, rest } from "../testing/fake_media.js";
import { levelOf } from "./level.js";
import { createLocalMedia } from "./local_media.js";

interface Constraints {
  audio?: { deviceId?: { exact: string }; echoCancellation?: boolean };
  video?: { deviceId?: { exact: string }; facingMode?: { ideal: string }; height?: { ideal: number } };
}

/** Devices that say yes unless told otherwise. */
class FakeDevices extends EventTarget {
  readonly asked: Constraints[] = [];
  readonly tracks: FakeTrack[] = [];
  /** What a question meets, before it is answered; throws to refuse. */
  onQuestion: (constraints: Constraints) => Promise<void> | void = () => undefined;
  onScreen: () => Promise<void> | void = () => undefined;
  known = [
    { deviceId: "c1", kind: "videoinput", label: "Front" },
    { deviceId: "c2", kind: "videoinput", label: "Back" },
    { deviceId: "m1", kind: "audioinput", label: "" },
    { deviceId: "s1", kind: "audiooutput", label: "" },
    { deviceId: "x", kind: "smell", label: "" },
  ];
  facing = new Map<string, string>();

  async getUserMedia(constraints: Constraints): Promise<FakeStream> {
    this.asked.push(constraints);
    await this.onQuestion(constraints);
    const made: FakeTrack[] = [];
    if (constraints.audio) made.push(new FakeTrack("audio", { deviceId: constraints.audio.deviceId?.exact ?? "m1" }));
    if (constraints.video) made.push(new FakeTrack("video", this.#camera(constraints.video)));
    this.tracks.push(...made);
    return new FakeStream(made);
  }

  async getDisplayMedia(): Promise<FakeStream> {
    await this.onScreen();
    const made = [new FakeTrack("video"), new FakeTrack("audio")];
    this.tracks.push(...made);
    return new FakeStream(made);
  }

  enumerateDevices(): Promise<unknown[]> {
    return Promise.resolve(this.known);
  }

  /** How many tracks still record. */
  get running(): number {
    return this.tracks.filter(({ readyState }) => readyState === "live").length;
  }

  #camera({ deviceId, facingMode }: NonNullable<Constraints["video"]>): MediaTrackSettings {
    const wanted = facingMode?.ideal;
    const faced = [...this.facing].find(([, side]) => side === wanted)?.[0];
    const id = deviceId?.exact ?? faced ?? "c1";
    const side = this.facing.get(id);
    return { deviceId: id, height: 720, ...(side === undefined ? {} : { facingMode: side }) };
  }
}

function refuse(name: string, message = ""): never {
  throw Object.assign(new Error(message), { name });
}

let devices: FakeDevices;
let clock: FakeClock;

function local(options: LocalMediaOptions = {}): LocalMedia {
  return createLocalMedia(options, { mediaDevices: devices as unknown as MediaDevices, clock });
}

beforeEach(() => {
  devices = new FakeDevices();
  clock = new FakeClock();
  vi.stubGlobal("MediaStream", FakeStream);
});

const statuses = ({ state: { camera, microphone, screen } }: LocalMedia) => [
  camera.status,
  microphone.status,
  screen.status,
];

describe("recording", () => {
  test("begins when asked for, both with one question", async () => {
    const media = local({ height: 360 });
    expect(devices.asked).toEqual([]);
    const started = media.start({ camera: true, microphone: true });
    expect(statuses(media)).toEqual(["starting", "starting", "off"]);
    await started;
    expect(statuses(media)).toEqual(["on", "on", "off"]);
    expect(devices.asked).toHaveLength(1);
    expect(devices.asked[0]).toMatchObject({ audio: { echoCancellation: true }, video: { height: { ideal: 360 } } });
  });

  test("of one goes on if the other cannot be had", async () => {
    devices.onQuestion = ({ video }) => (video ? refuse("NotReadableError") : undefined);
    const media = local();
    await media.start({ camera: true, microphone: true });
    expect(statuses(media)).toEqual(["off", "on", "off"]);
    expect(media.state.camera.trouble).toBe("taken");
    expect(media.state.microphone.trouble).toBeUndefined();
  });

  test.each([
    ["NotAllowedError", "denied"],
    ["SecurityError", "denied"],
    ["NotFoundError", "missing"],
    ["OverconstrainedError", "missing"],
    ["NotReadableError", "taken"],
    ["AbortError", "taken"],
    ["TypeError", "failed"],
  ])("that is refused with %s is told as %s", async (name, trouble) => {
    devices.onQuestion = () => refuse(name);
    const media = local();
    await media.setCamera(true);
    expect(media.state.camera).toEqual({ source: "camera", status: "off", trouble });
  });

  test("on a page that is not secure is told as such", async () => {
    const media = createLocalMedia({}, { clock });
    await media.start({ camera: true, microphone: true });
    expect([media.state.camera.trouble, media.state.microphone.trouble]).toEqual(["insecure", "insecure"]);
    expect(await media.shareScreen()).toBe(false);
    expect(media.state.screen.trouble).toBe("insecure");
  });

  test("trouble is forgotten with the next attempt", async () => {
    devices.onQuestion = () => refuse("NotAllowedError");
    const media = local();
    await media.setCamera(true);
    devices.onQuestion = () => undefined;
    await media.setCamera(true);
    expect(media.state.camera.status).toBe("on");
    expect(media.state.camera.trouble).toBeUndefined();
  });

  test("a track that ends by itself is told as lost, and can be turned on again", async () => {
    const media = local();
    await media.setCamera(true);
    devices.tracks[0]?.end();
    expect(media.state.camera).toEqual({ source: "camera", status: "off", trouble: "lost" });
    await media.setCamera(true);
    expect(media.state.camera.status).toBe("on");
  });

  test("everything ends at once", async () => {
    const media = local();
    await media.start({ camera: true, microphone: true });
    await media.shareScreen();
    media.stop();
    expect(statuses(media)).toEqual(["off", "off", "off"]);
    expect(devices.running).toBe(0);
  });
});

describe("changes of mind", () => {
  test("end in the last wish, whatever comes of the questions, and leave nothing running", async () => {
    const wishes = [
      [true, false],
      [true, false, true],
      [true, false, true, false],
      [false, true],
    ];
    for (const wish of wishes) {
      devices = new FakeDevices();
      const media = local();
      for (const on of wish) void media.setCamera(on);
      await rest();
      const isOn = wish.at(-1) === true;
      expect([wish, media.state.camera.status, devices.running]).toEqual([wish, isOn ? "on" : "off", isOn ? 1 : 0]);
      expect(devices.asked.length).toBeLessThanOrEqual(1);
    }
  });

  test("while the user is asked, off is off when they have answered", async () => {
    let answer: () => void = () => undefined;
    devices.onQuestion = () => new Promise((resolve) => (answer = resolve));
    const media = local();
    const started = media.setCamera(true);
    await rest();
    await media.setCamera(false);
    expect(media.state.camera.status).toBe("off");
    answer();
    await started;
    expect(devices.running).toBe(0);
    expect(media.state.camera.track).toBeUndefined();
  });

  test("while the user is asked for one, the other is asked for afterwards", async () => {
    let answer: () => void = () => undefined;
    devices.onQuestion = () => new Promise((resolve) => (answer = resolve));
    const media = local();
    const camera = media.setCamera(true);
    await rest();
    const microphone = media.setMicrophone(true);
    expect(media.state.microphone.status).toBe("starting");
    answer();
    await rest();
    answer();
    await Promise.all([camera, microphone]);
    expect(statuses(media)).toEqual(["on", "on", "off"]);
    expect(devices.running).toBe(2);
  });

  test("on again after all was done asks again", async () => {
    const media = local();
    for (let time = 0; time < 3; time += 1) {
      await media.setCamera(true);
      await media.setMicrophone(true);
      expect(media.state.camera.status).toBe("on");
      await media.setCamera(false);
    }
    expect(devices.running).toBe(1);
  });
});

describe("the microphone", () => {
  test("falls silent without being let go of", async () => {
    const media = local();
    await media.setMicrophone(true);
    await media.setMicrophone(false);
    expect(media.state.microphone.status).toBe("muted");
    expect(devices.tracks[0]).toMatchObject({ enabled: false, readyState: "live" });
    await media.setMicrophone(true);
    expect(media.state.microphone.status).toBe("on");
    expect(devices.tracks[0]?.enabled).toBe(true);
    expect(devices.asked).toHaveLength(1);
  });

  test("that was silenced while the user was asked begins silent", async () => {
    const media = local();
    const started = media.setMicrophone(true);
    await media.setMicrophone(false);
    await started;
    expect(media.state.microphone.status).toBe("muted");
    expect(devices.tracks[0]?.enabled).toBe(false);
  });

  test("stays silent when another one takes over", async () => {
    const media = local();
    await media.setMicrophone(true);
    await media.setMicrophone(false);
    await media.choose("microphone", "m2");
    expect(media.state.microphone.status).toBe("muted");
    expect(devices.tracks.map(({ enabled, readyState }) => [enabled, readyState])).toEqual([
      [false, "ended"],
      [false, "live"],
    ]);
  });
});

describe("devices", () => {
  test("are listed at the beginning and whenever they change", async () => {
    const media = local();
    await rest();
    expect(media.state.devices.map(({ id, kind }) => [id, kind])).toEqual([
      ["c1", "camera"],
      ["c2", "camera"],
      ["m1", "microphone"],
      ["s1", "speaker"],
    ]);
    devices.known = [];
    devices.dispatchEvent(new Event("devicechange"));
    await rest();
    expect(media.state.devices).toEqual([]);
  });

  test("that are chosen are used at once and later, over turning off and on", async () => {
    const media = local();
    await media.setCamera(true);
    await media.choose("camera", "c2");
    expect(devices.running).toBe(1);
    await media.setCamera(false);
    await media.setCamera(true);
    expect(devices.asked.map(({ video }) => video?.deviceId?.exact)).toEqual([undefined, "c2", "c2"]);
    await media.choose("speaker", "s1");
    expect(media.state.chosen).toEqual({ camera: "c2", speaker: "s1" });
    await media.choose("camera", undefined);
    expect(media.state.chosen).toEqual({ speaker: "s1" });
  });

  test("that are chosen and not there give way to another", async () => {
    devices.onQuestion = ({ video }) => (video?.deviceId ? refuse("OverconstrainedError") : undefined);
    const media = local({ chosen: { camera: "gone" } });
    await media.start({ camera: true, microphone: true });
    expect(statuses(media)).toEqual(["on", "on", "off"]);
    expect(media.state.chosen.camera).toBe("gone");
  });

  test("of which only one can be open at a time are changed all the same", async () => {
    const media = local();
    await media.setCamera(true);
    devices.onQuestion = () => (devices.running > 0 ? refuse("NotReadableError") : undefined);
    await media.choose("camera", "c2");
    expect(media.state.camera.status).toBe("on");
    expect(media.state.camera.track?.getSettings().deviceId).toBe("c2");
    expect(devices.running).toBe(1);
  });

  test("that cannot be changed to are off, with the reason, after one more attempt", async () => {
    const media = local();
    await media.setCamera(true);
    devices.onQuestion = () => refuse("NotReadableError");
    await media.choose("camera", "c2");
    expect(media.state.camera).toEqual({ source: "camera", status: "off", trouble: "taken" });
    expect([devices.asked.length, devices.running]).toEqual([3, 0]);
  });

  test("chosen one after the other quickly end in the last", async () => {
    const media = local();
    await media.setCamera(true);
    await Promise.all([media.choose("camera", "c2"), media.choose("camera", "c1"), media.choose("camera", "c2")]);
    expect(media.state.camera.track?.getSettings().deviceId).toBe("c2");
    expect(devices.running).toBe(1);
  });

  test("are flipped by the side they face, and otherwise by turns", async () => {
    devices.facing = new Map([
      ["c1", "user"],
      ["c2", "environment"],
    ]);
    const phone = local();
    await phone.setCamera(true);
    await phone.flipCamera();
    expect([phone.state.camera.track?.getSettings().facingMode, phone.state.chosen.camera]).toEqual([
      "environment",
      "c2",
    ]);
    await phone.flipCamera();
    expect(phone.state.camera.track?.getSettings().facingMode).toBe("user");
    expect(devices.running).toBe(1);
    devices = new FakeDevices();
    const desk = local();
    await desk.setCamera(true);
    await desk.flipCamera();
    expect(desk.state.chosen.camera).toBe("c2");
    await desk.flipCamera();
    expect(desk.state.chosen.camera).toBe("c1");
  });
});

describe("a screen", () => {
  test("is shared with its sound, sharp rather than smooth, until the browser's own button ends it", async () => {
    const media = local();
    const shared = media.shareScreen();
    expect(media.state.screen.status).toBe("starting");
    expect(await shared).toBe(true);
    const [picture, sound] = devices.tracks;
    expect(media.state.screen).toEqual({ source: "screen", status: "on", track: picture, audioTrack: sound });
    expect(picture?.contentHint).toBe("detail");
    sound?.end();
    expect(media.state.screen).toEqual({ source: "screen", status: "on", track: picture });
    picture?.end();
    expect(media.state.screen).toEqual({ source: "screen", status: "off" });
  });

  test("that the user thought better of is no trouble; one that the system forbids is", async () => {
    devices.onScreen = () => refuse("NotAllowedError", "Permission denied");
    const media = local();
    expect(await media.shareScreen()).toBe(false);
    expect(media.state.screen).toEqual({ source: "screen", status: "off" });
    devices.onScreen = () => refuse("NotAllowedError", "Permission denied by system");
    expect(await media.shareScreen()).toBe(false);
    expect(media.state.screen.trouble).toBe("denied");
  });

  test("cannot be shared where browsers have none", async () => {
    (devices as { getDisplayMedia?: unknown }).getDisplayMedia = undefined;
    const media = local();
    expect(await media.shareScreen()).toBe(false);
    expect(media.state.screen.trouble).toBe("missing");
  });

  test("that is chosen after sharing was stopped, or begun anew, is let go of", async () => {
    const answers: (() => void)[] = [];
    devices.onScreen = () => new Promise((resolve) => void answers.push(resolve));
    const media = local();
    const first = media.shareScreen();
    const second = media.shareScreen();
    await rest();
    media.stopScreen();
    answers.forEach((answer) => answer());
    expect([await first, await second]).toEqual([false, false]);
    expect(devices.running).toBe(0);
  });

  test("takes the place of the one before", async () => {
    const media = local();
    await media.shareScreen();
    await media.shareScreen();
    expect(devices.running).toBe(2);
    expect(media.state.screen.track).toBe(devices.tracks[2]);
  });
});

describe("the own level", () => {
  function metered() {
    const contexts: { isOpen: boolean }[] = [];
    let loudness = 0.1;
    const openAudioContext = () => {
      const context = {
        isOpen: true,
        createAnalyser: () => ({
          fftSize: 4,
          getFloatTimeDomainData: (samples: Float32Array) => samples.fill(loudness),
        }),
        createMediaStreamSource: () => ({ connect: () => undefined }),
        resume: () => Promise.resolve(),
        close: () => ((context.isOpen = false), Promise.resolve()),
      };
      contexts.push(context);
      return context as unknown as AudioContext;
    };
    const mediaDevices = devices as unknown as MediaDevices;
    const media = createLocalMedia({}, { mediaDevices, clock, openAudioContext });
    return { media, contexts, be: (next: number) => (loudness = next) };
  }

  test("is measured while somebody looks, and the microphone is open", async () => {
    const { be, contexts, media } = metered();
    const [stop, stopOther] = [media.meter(), media.meter()];
    expect(contexts).toHaveLength(0);
    await media.setMicrophone(true);
    await clock.pass(200);
    expect(media.state.level).toBe(80);
    be(0);
    await clock.pass(200);
    expect(media.state.level).toBe(0);
    be(1);
    await media.setMicrophone(false);
    await clock.pass(200);
    expect(media.state.level).toBe(0);
    stop();
    stop();
    expect(contexts[0]?.isOpen).toBe(true);
    stopOther();
    expect(contexts.map(({ isOpen }) => isOpen)).toEqual([false]);
    expect(clock.waiting).toBe(0);
  });

  test("goes with the microphone", async () => {
    const { contexts, media } = metered();
    media.meter();
    await media.setMicrophone(true);
    await media.choose("microphone", "m2");
    media.stop();
    expect(contexts.map(({ isOpen }) => isOpen)).toEqual([false, false]);
    expect(media.state.level).toBe(0);
  });

  test("goes from silence to shouting", () => {
    const level = (sample: number) => levelOf(new Float32Array(8).fill(sample));
    expect([0, 0.001, 0.01, 0.1, 1].map(level)).toEqual([0, 0, 40, 80, 100]);
    expect(levelOf(new Float32Array(0))).toBe(0);
  });
});

test("a state is told only if it is another one", async () => {
  const media = local();
  await media.setCamera(true);
  await rest();
  const told: unknown[] = [];
  const stop = media.subscribe((state) => told.push(state));
  await media.setCamera(true);
  await rest();
  expect(told.length).toBeLessThanOrEqual(1); // The list of devices is read anew.
  stop();
  await media.setCamera(false);
  expect(told.length).toBeLessThanOrEqual(1);
});
