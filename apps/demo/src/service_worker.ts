// The demo's service worker: rings for whoever wants to be rung while no tab is open.
import { handlePushes } from "@offhook/client/service-worker";

// Several people may have tabs of one browser here: the page that takes a call is the one of whom it is for.
handlePushes({
  icon: "/demo/icon.svg",
  isPageOf: ({ pathname }, { to }) => pathname.split("/")[2] === encodeURIComponent(to),
  openUrl: ({ call, device, to }) => {
    const asked = new URLSearchParams({ ...(device !== undefined && { device }), "offhook-call": call });
    return `/u/${encodeURIComponent(to)}?${asked.toString()}`;
  },
});
