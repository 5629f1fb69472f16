// The page's first script.
import "@offhook/react/style.css";
import "./style/index.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import { Router } from "./route.js";
import { browserStorage } from "./session/session.js";
import { PreferencesStore } from "./settings/preferences.js";

const place = document.getElementById("app");
if (!place) throw new Error("the page has no #app");
createRoot(place).render(
  <StrictMode>
    <App router={new Router(window)} preferences={new PreferencesStore(browserStorage())} />
  </StrictMode>,
);
