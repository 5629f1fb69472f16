// Shows one scene, as the address says: ?scene=…&theme=…&lang=…&dir=…
import { type ReactElement, StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";
import {
  CallButtons,
  CallHistory,
  CallKit,
  Avatar,
  DeviceCheck,
  type Language,
  OffhookProvider,
  SettingsPanel,
  useDesk,
} from "../src/index.js";
import { FakeClient } from "../src/testing/fake_client.js";
import { FakeMedia } from "../src/testing/fake_media.js";
import { pastCalls, PEOPLE } from "./people.js";
import { paint, personStream } from "./paint.js";
import { SCENES, type SceneScript } from "./scenes.js";

const asked = new URLSearchParams(location.search);
const name = asked.get("scene") ?? "";
const theme = asked.get("theme") === "dark" ? "dark" : "light";
const language: Language = asked.get("lang") === "zh" ? "zh" : "en";
const direction = asked.get("dir") === "rtl" ? "rtl" : "ltr";
document.documentElement.dataset.theme = theme;
document.documentElement.dir = direction;

const client = new FakeClient();
const track = () => {
  const [own] = personStream("alice").getVideoTracks();
  if (!own) throw new Error("a canvas gives a track");
  return own;
};
const media = new FakeMedia(track);
client.now = () => performance.now();
client.onRoom = (room) => {
  room.paint = paint;
};
if (name === "history") client.past = pastCalls();

function App({ script }: { script: SceneScript }): ReactElement {
  return (
    <OffhookProvider
      client={client}
      createMedia={() => media}
      resolveUser={(user) => PEOPLE[user]}
      contacts={["bob", "carol", "grace", "heidi"]}
      confirmHangUp={script.confirmHangUp === true}
      theme={theme}
      language={language}
      direction={direction}
      storage={null}
      session={null}
    >
      <main>
        <h1>Acme Team</h1>
        <div className="shelf">
          <Shelf shelf={script.shelf} />
        </div>
      </main>
      <CallKit />
      <Run script={script} />
    </OffhookProvider>
  );
}

function Shelf({ shelf }: { shelf: SceneScript["shelf"] }): ReactElement {
  if (shelf === "history") return <CallHistory />;
  if (shelf === "settings") return <SettingsPanel />;
  if (shelf === "check") return <DeviceCheck />;
  return (
    <>
      {["bob", "carol", "dave"].map((user) => (
        <div key={user} className="contact">
          <Avatar user={user} size="small" />
          <span>{PEOPLE[user]?.name}</span>
          <CallButtons users={user} />
        </div>
      ))}
    </>
  );
}

let hasRun = false;

function Run({ script }: { script: SceneScript }): null {
  const { desk } = useDesk();
  useEffect(() => {
    if (hasRun) return;
    hasRun = true;
    // After the second beginning of effects that React makes in development.
    setTimeout(() => void script.run({ client, media, desk }), 100);
  }, [desk, script]);
  return null;
}

function Index(): ReactElement {
  return (
    <main>
      <h1>Scenes</h1>
      <ul className="index">
        {Object.keys(SCENES).map((each) => (
          <li key={each}>
            <a href={`?scene=${each}`}>{each}</a>
          </li>
        ))}
      </ul>
    </main>
  );
}

const place = document.querySelector("#app");
const script = SCENES[name];
if (place) createRoot(place).render(<StrictMode>{script ? <App script={script} /> : <Index />}</StrictMode>);
