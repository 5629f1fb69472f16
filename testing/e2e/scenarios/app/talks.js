// What happens during a call: more people, screens, reloads, networks that break, small windows.
import { AppPerson } from "../../lib/app_person.js";
import { until, untilStill } from "../../lib/until.js";

async function talking(parts, kind = "Video", look) {
  const bob = parts.meet(await AppPerson.use(parts, parts.as("bob"), { look }));
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice"), { look }));
  await alice.call(bob.name, kind);
  await bob.rings();
  await bob.press("Accept");
  const pictures = kind === "Video" ? 1 : 0;
  await Promise.all([alice.seesAndHears(pictures, 1), bob.seesAndHears(pictures, 1)]);
  return { alice, bob };
}

/** Alice calls two; a third is added by one who was called. */
export async function group(parts) {
  const names = ["bob", "carol", "dave"].map(parts.as);
  const people = [];
  for (const name of names) people.push(parts.meet(await AppPerson.use(parts, name)));
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice")));
  await alice.callGroup(names.slice(0, 2));
  await Promise.all(people.slice(0, 2).map((person) => person.rings()));
  for (const person of people.slice(0, 2)) await person.press("Accept");
  await alice.seesAndHears(2, 2);
  await people[0].press("People");
  await people[0].press(new RegExp(`^Add ${names[2]}$`, "i"));
  await people[2].rings();
  await parts.shot("group-ringing", alice);
  await people[2].press("Accept");
  const seen = await Promise.all([alice, ...people].map((person) => person.seesAndHears(3, 3)));
  await parts.shot("group", alice);
  await people[2].press("Leave");
  await people[2].isOut();
  await alice.seesAndHears(2, 2);
  await alice.press(/^(Leave|Hang up)$/);
  await alice.isOut();
  return `${seen.length} people, ${seen[0].pictures.length} pictures each`;
}

/** A tab that is loaded again while it rings rings on, and one in a call comes back into it. */
export async function reload(parts) {
  const bob = parts.meet(await AppPerson.use(parts, parts.as("bob")));
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice")));
  await alice.call(bob.name);
  await bob.rings();
  await bob.page.reload();
  await bob.rings();
  await bob.press("Accept");
  await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
  await bob.page.reload();
  await comesBack(bob);
  await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
  await alice.press("Hang up");
  await Promise.all([alice.isOut(), bob.isOut()]);
  return "rings on, and talks on";
}

/** A reloaded page may ask before it opens camera and microphone again. */
async function comesBack(person) {
  const button = person.page.getByRole("button", { name: /^(Join with video|Join again|Join)$/ }).first();
  const flows = async () =>
    (await person.ask("connections")).length > 0 ? "in" : (await button.isVisible()) ? "asked" : null;
  if ((await until(`${person.name} comes back`, flows)) === "asked") await button.click();
}

/** The way to the server is gone for some seconds; media flows, and both are in the same call afterwards. */
export function networkLost(seconds) {
  return async (parts) => {
    const { alice, bob } = await talking(parts);
    await bob.ask("cut");
    await bob.reads(/Reconnecting/);
    const during = await alice.seesAndHears(1, 1);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000)); // The length of the cut is what is tried.
    await bob.ask("mend");
    await bob.isConnected();
    await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
    await bob.press("Hang up");
    await Promise.all([alice.isOut(), bob.isOut()]);
    return `${during.pictures[0].frames} frames while away`;
  };
}

export async function screenAndMinimized(parts) {
  const { alice, bob } = await talking(parts);
  await alice.press("Share screen");
  await bob.seesAndHears(2, 1);
  await parts.shot("screen", bob);
  await alice.stir();
  await alice.page.getByRole("button", { name: "Stop sharing" }).last().click();
  await bob.seesAndHears(1, 1);
  await bob.press("Minimize");
  await parts.shot("minimized", bob);
  await alice.seesAndHears(1, 1);
  await bob.press("Back to the call");
  await bob.seesAndHears(1, 1);
  await bob.press("Mute");
  await bob.press("Unmute");
  await alice.press("Stop video");
  const frames = async () =>
    (await bob.ask("inbound")).filter(({ kind }) => kind === "video").reduce((sum, each) => sum + each.frames, 0);
  await untilStill(`${bob.name} gets no picture`, frames, 1_000);
  await alice.press("Start video");
  await bob.seesAndHears(1, 1);
  return "a screen beside the camera, and a call in the corner";
}

/** On a phone. */
export async function phone(parts) {
  const look = { viewport: { width: 375, height: 740 }, isMobile: true, hasTouch: true };
  const { alice } = await talking(parts, "Video", look);
  await parts.shot("phone-call", alice);
  const wide = await alice.page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > 375) throw new Error(`the page is ${wide} pixels wide on a phone of 375`);
  return "nothing sticks out";
}
