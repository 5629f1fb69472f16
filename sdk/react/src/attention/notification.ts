// A notification of the system, for a page that nobody sees at the moment.

/** What the browser says about notifications. */
export type NotificationPermit = "default" | "denied" | "granted" | "unsupported";

export function notificationPermit(): NotificationPermit {
  return typeof Notification === "undefined" ? "unsupported" : Notification.permission;
}

/** Asks the user; to be called from a click. */
export async function askToNotify(): Promise<NotificationPermit> {
  if (typeof Notification === "undefined") return "unsupported";
  try {
    return await Notification.requestPermission();
  } catch {
    return notificationPermit();
  }
}

/** Notifies while the page is hidden, now or later. @returns how to stop that, which takes the notification back */
export function notifyWhileHidden(page: Document, note: { title: string; body: string; tag: string }): () => void {
  let shown: Notification | undefined;
  const look = () => {
    if (page.visibilityState === "hidden") shown ??= notify(page, note);
    else {
      shown?.close();
      shown = undefined;
    }
  };
  page.addEventListener("visibilitychange", look);
  look();
  return () => {
    page.removeEventListener("visibilitychange", look);
    shown?.close();
  };
}

function notify(page: Document, { title, body, tag }: { title: string; body: string; tag: string }) {
  if (notificationPermit() !== "granted") return undefined;
  try {
    const notification = new Notification(title, { body, tag, requireInteraction: true, silent: true });
    notification.onclick = () => {
      page.defaultView?.focus();
      notification.close();
    };
    return notification;
  } catch {
    // Some phones give notifications to service workers alone.
    return undefined;
  }
}
