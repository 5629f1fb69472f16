// What stands in the way of a call, what the user is told of it, and what the other side hears all the same.
import { AppPerson } from "../../lib/app_person.js";

const MISSING = { audio: "NotFoundError", video: "NotFoundError" };

/** Bob's camera is refused him; he is told so, and talks without a picture until he permits it. */
export async function cameraDenied(parts) {
  const bob = parts.meet(
    await AppPerson.use(parts, parts.as("bob"), {
      prepare: (page) => page.addInitScript(refuse, { video: "NotAllowedError" }),
    }),
  );
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice")));
  await alice.call(bob.name);
  await bob.rings();
  await bob.press("Accept");
  await bob.reads(/camera is blocked/i);
  await parts.shot("camera-denied", bob);
  await Promise.all([alice.seesAndHears(0, 1), bob.seesAndHears(1, 1)]);
  await bob.page.evaluate(() => delete globalThis.refused.video);
  await bob.press("Start video");
  await alice.seesAndHears(1, 1);
  await alice.press("Hang up");
  await bob.isOut();
  return "told so, heard all the same, seen once it is permitted";
}

/** Bob has neither; he hears and sees alice, and both are told what is the matter. */
export async function nothingToRecord(parts) {
  const bob = parts.meet(
    await AppPerson.use(parts, parts.as("bob"), { prepare: (page) => page.addInitScript(refuse, MISSING) }),
  );
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice")));
  await alice.call(bob.name);
  await bob.rings();
  await bob.press("Accept");
  await bob.reads(/No camera and no microphone were found/);
  await parts.shot("nothing-to-record", bob);
  const seen = await bob.seesAndHears(1, 1);
  await bob.press("Hang up");
  await alice.isOut();
  return `${seen.pictures[0].frames} frames seen by one who has no camera`;
}

/** Bob's microphone is refused him and his camera is another program's: he mends one after the other, and alice is told and sees it. */
export async function microphoneDeniedAndCameraTaken(parts) {
  const refused = { audio: "NotAllowedError", video: "NotReadableError" };
  const bob = parts.meet(
    await AppPerson.use(parts, parts.as("bob"), { prepare: (page) => page.addInitScript(refuse, refused) }),
  );
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice")));
  await alice.call(bob.name);
  await bob.rings();
  await bob.press("Accept");
  await bob.reads("The microphone is blocked");
  await Promise.all([alice.readsIsMuted(bob.name), bob.seesAndHears(1, 1)]);
  await parts.shot("microphone-denied", bob, alice);
  await bob.page.evaluate(() => delete globalThis.refused.audio);
  await bob.press("Try again");
  await bob.reads("The camera is in use by another program");
  await parts.shot("camera-taken", bob);
  await alice.seesAndHears(0, 1);
  await bob.page.evaluate(() => delete globalThis.refused.video);
  await bob.press("Try again");
  await alice.seesAndHears(1, 1);
  await alice.press("Hang up");
  await bob.isOut();
  return "told so one after the other, heard, then seen";
}

/** Bob's devices are pulled out in the middle of the call: alice is not left with a picture that stands still, nor with a silence. */
export async function unplugged(parts) {
  const bob = parts.meet(
    await AppPerson.use(parts, parts.as("bob"), { prepare: (page) => page.addInitScript(holdTracks) }),
  );
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice")));
  await alice.call(bob.name);
  await bob.rings();
  await bob.press("Accept");
  await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
  await bob.page.evaluate(() => globalThis.unplug("video"));
  await bob.reads("The camera was disconnected");
  await alice.hasNoPictureOf(bob.name);
  await parts.shot("camera-unplugged", bob, alice);
  await alice.seesAndHears(0, 1);
  await bob.press("Try again");
  await alice.seesAndHears(1, 1);
  await bob.page.evaluate(() => globalThis.unplug("audio"));
  await bob.reads("The microphone was disconnected");
  await alice.readsIsMuted(bob.name);
  await parts.shot("microphone-unplugged", bob, alice);
  await bob.press("Try again");
  await alice.seesAndHears(1, 1);
  await bob.press("Hang up");
  await alice.isOut();
  return "told so on both sides, and seen and heard again";
}

/** Runs in the page before anything else: the browser refuses, as it does when its user has said no, or nothing is plugged in. */
function refuse(refused) {
  globalThis.refused = refused;
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) => {
    const kind = ["audio", "video"].find((each) => wanted[each] && globalThis.refused[each]);
    return kind ? Promise.reject(new DOMException("refused", globalThis.refused[kind])) : real(wanted);
  };
}

/** Runs in the page before anything else: devices that can be pulled out, as a browser tells of it. */
function holdTracks() {
  const tracks = [];
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const media = await real(wanted);
    tracks.push(...media.getTracks());
    return media;
  };
  globalThis.unplug = (kind) => {
    for (const track of tracks.filter((each) => each.kind === kind && each.readyState === "live")) {
      track.stop();
      track.dispatchEvent(new globalThis.Event("ended"));
    }
  };
}
