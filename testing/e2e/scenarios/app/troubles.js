// What stands in the way of a call, what the user is told of it, and what the other side hears all the same.
import { AppPerson } from "../../lib/app_person.js";

/** Bob's camera is refused him; he is told so, and talks without a picture until he permits it. */
export async function cameraDenied(parts) {
  const bob = parts.meet(
    await AppPerson.use(parts, parts.as("bob"), { prepare: (page) => page.addInitScript(refuse, "video") }),
  );
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice")));
  await alice.call(bob.name);
  await bob.rings();
  await bob.press("Accept");
  await bob.reads(/camera is blocked/i);
  await parts.shot("camera-denied", bob);
  await Promise.all([alice.seesAndHears(0, 1), bob.seesAndHears(1, 1)]);
  await bob.page.evaluate(() => (globalThis.isRefused = false));
  await bob.press("Start video");
  await alice.seesAndHears(1, 1);
  await alice.press("Hang up");
  await bob.isOut();
  return "told so, heard all the same, seen once it is permitted";
}

/** Bob has neither; he hears and sees alice, and both are told what is the matter. */
export async function nothingToRecord(parts) {
  const bob = parts.meet(
    await AppPerson.use(parts, parts.as("bob"), { prepare: (page) => page.addInitScript(refuse, "missing") }),
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

/** Runs in the page before anything else: the browser refuses, as it does when its user has said no, or nothing is plugged in. */
function refuse(what) {
  globalThis.isRefused = true;
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) => {
    if (globalThis.isRefused && (what === "missing" || wanted.video))
      return Promise.reject(new DOMException("refused", what === "missing" ? "NotFoundError" : "NotAllowedError"));
    return real(wanted);
  };
}
