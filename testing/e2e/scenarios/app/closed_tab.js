// A browser whose tab is closed: Chromium's own service worker gets what our server sent, and rings by a notification.
import { AppPerson } from "../../lib/app_person.js";
import { Pushes } from "../../lib/pushes.js";
import { until } from "../../lib/until.js";

/** Bob's browser is subscribed and has no page of his open; alice is there. */
async function night(parts) {
  const bob = parts.meet(
    await AppPerson.use(parts, parts.as("bob"), {
      look: { permissions: ["notifications"] },
      // A push service is out on the network: everything but its subscription is the browser's own.
      prepare: (page) => page.addInitScript(subscribeNowhere),
    }),
  );
  const control = bob.page.getByRole("switch", { name: "Ring me when this tab is closed" });
  await control.click();
  await until(
    "the browser is subscribed",
    () => control.isChecked(),
    (checked) => checked,
  );
  const [worker] = bob.context.serviceWorkers();
  const { deliver } = await mailbox(parts.offhook, bob.context);
  await bob.page.close();
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice")));
  await alice.page.getByPlaceholder("Id of somebody").fill(bob.name);
  await alice.page.keyboard.press("Enter");
  const pushes = new Pushes(parts.offhook);
  const push = async (kind) => {
    const found = await pushes.one((one) => one.user === bob.name && one.kind === kind && one.provider === "web");
    await deliver(found.document);
    return found;
  };
  return { alice, bob, push, worker };
}

export async function declines(parts) {
  const { alice, bob, push, worker } = await night(parts);
  await alice.call(bob.name);
  await push("ring");
  const [ring] = await shown(worker, (all) => all.length === 1 && all[0].actions.length === 2);
  await alice.reads(/Ringing/);
  await click(worker, "decline");
  await alice.reads(/declined/);
  return `"${ring.title}: ${ring.body}" with ${ring.actions.join(" and ")}`;
}

export async function canceled(parts) {
  const { alice, bob, push, worker } = await night(parts);
  await alice.call(bob.name, "Voice");
  await push("ring");
  const [ring] = await shown(worker, (all) => all.length === 1 && all[0].actions.length === 2);
  await alice.press(/^(Cancel|Hang up)$/);
  await push("stop");
  const [missed] = await shown(worker, (all) => all.length === 1 && all[0].actions.length === 0);
  if (missed.tag !== ring.tag) throw new Error("the end of the ring does not take its place");
  return `"${missed.title}" in its place`;
}

export async function talks(parts) {
  const { alice, bob, push, worker } = await night(parts);
  await alice.call(bob.name);
  const { call, device } = await push("ring");
  await shown(worker, (all) => all.length === 1);
  await click(worker, "accept");
  // A click that no hand made opens no window: bob does, at the address that the worker would have taken.
  const path = `?${new URLSearchParams({ device, "offhook-call": call })}`;
  const page = parts.meet(await AppPerson.use(parts, bob.name, { look: { context: bob.context }, path }));
  await Promise.all([alice.seesAndHears(1, 1), page.seesAndHears(1, 1)]);
  await alice.press("Hang up");
  await page.isOut();
  return "accepted by the notification, talked in the page";
}

/** How a message gets to the worker as if its push service had brought it. */
async function mailbox(offhook, context) {
  // A page of the same place that is nobody's.
  const page = await context.newPage();
  await page.goto(`${offhook.base}/v1/health`);
  const session = await context.newCDPSession(page);
  const registered = new Promise((resolve) =>
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const found = registrations.find(({ scopeURL, isDeleted }) => scopeURL.startsWith(offhook.base) && !isDeleted);
      if (found) resolve(found.registrationId);
    }),
  );
  await session.send("ServiceWorker.enable");
  const registrationId = await registered;
  const deliver = (document) =>
    session.send("ServiceWorker.deliverPushMessage", {
      origin: offhook.base,
      registrationId,
      data: JSON.stringify(document),
    });
  return { deliver };
}

/** The notifications that the browser shows, once they are as wanted. */
function shown(worker, holds) {
  const ask = () =>
    worker.evaluate(async () => {
      const all = await self.registration.getNotifications();
      return all.map(({ title, body, tag, actions }) => ({
        ...{ title, body, tag },
        actions: (actions ?? []).map(({ title: words }) => words),
      }));
    });
  return until("the browser notifies", ask, holds);
}

/** Presses a button of the notification, as a hand does but for what only a hand may do. */
function click(worker, action) {
  return worker.evaluate(async (pressed) => {
    const [notification] = await self.registration.getNotifications();
    self.dispatchEvent(new NotificationEvent("notificationclick", { notification, action: pressed }));
  }, action);
}

function subscribeNowhere() {
  const bytes = (length, first) => new Uint8Array(length).fill(7).fill(first, 0, 1).buffer;
  let subscription = null;
  // A point of the curve, so that the server takes it: the one of RFC 8291, section 5.
  const point = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
  const decoded = Uint8Array.from(atob(point.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  PushManager.prototype.getSubscription = () => Promise.resolve(subscription);
  PushManager.prototype.subscribe = () => {
    const endpoint = `https://updates.push.services.mozilla.com/wpush/v2/${crypto.randomUUID()}`;
    subscription = {
      endpoint,
      options: { applicationServerKey: null },
      getKey: (name) => (name === "p256dh" ? decoded.buffer : bytes(16, 1)),
      unsubscribe: () => Promise.resolve(true),
    };
    return Promise.resolve(subscription);
  };
}
