// The app as somebody: a session, the kit around it, and the pages.
import type { Answered } from "@offhook/client";
import { CallHistory, CallKit, OffhookProvider, useDesk, useIsCovered, useStage } from "@offhook/react";
import { type ReactNode, useMemo, useState } from "react";
import { Avatar } from "../parts/avatar.js";
import { Icon } from "../parts/icon.js";
import { Link, useRouter } from "../parts/router.js";
import { PeoplePage } from "../people/people_page.js";
import { Resume } from "../push/resume.js";
import { RingSwitch } from "../push/ring_switch.js";
import type { Place, Route } from "../route.js";
import type { Session } from "../session/session.js";
import type { PreferencesStore } from "../settings/preferences.js";
import { SettingsPage } from "../settings/settings_page.js";
import { useStore } from "../store.js";
import { TracePane } from "../trace/trace_pane.js";
import { type Language, useWords } from "../words/index.js";
import { ConnectionBanner, ConnectionWord } from "./connection.js";
import { Page } from "./page.js";
import { TopBar } from "./top_bar.js";
import { useSession } from "./use_session.js";

type AppRoute = Extract<Route, { page: "app" }>;

interface SomebodyProps {
  route: AppRoute;
  language: Language;
  preferences: PreferencesStore;
  /** What was answered before there was a session. */
  answered?: Answered | undefined;
}

export function Somebody({ route, language, preferences, answered }: SomebodyProps): ReactNode {
  const { shell } = useWords();
  const session = useSession(route.user, route.device);
  if (!session)
    return (
      <>
        <TopBar />
        <p className="hint">{shell.loading}</p>
      </>
    );
  return <Signed session={session} route={route} language={language} preferences={preferences} answered={answered} />;
}

function Signed({ session, route, language, preferences, answered }: SomebodyProps & { session: Session }): ReactNode {
  const { theme, mode, ringS, confirmHangUp } = useStore(preferences);
  const { people } = useStore(session.people);
  const contacts = useMemo(() => people?.map(({ user }) => user), [people]);
  return (
    <OffhookProvider
      client={session.client}
      theme={theme}
      language={language}
      mode={mode}
      timeoutS={ringS}
      confirmHangUp={confirmHangUp}
      contacts={contacts}
    >
      <Shell session={session} route={route} preferences={preferences} answered={answered} />
    </OffhookProvider>
  );
}

function Shell({
  session,
  route,
  preferences,
  answered,
}: Omit<SomebodyProps, "language"> & { session: Session }): ReactNode {
  const { shell } = useWords();
  const [isTraced, setTraced] = useState(false);
  const covers = useIsCovered();
  return (
    <div className={`shell ${isTraced ? "shell-traced" : ""}`}>
      <div className="shell-app">
        <div className="shell-page" inert={covers}>
          <a className="skip" href="#page">
            {shell.skip}
          </a>
          <TopBar home={{ ...route, place: "people" }}>
            <Places route={route} className="bar-places" />
            <Disturbance route={route} />
            <ConnectionWord />
            <button
              type="button"
              className="button button-small bar-trace"
              aria-expanded={isTraced}
              onClick={() => setTraced(!isTraced)}
            >
              <Icon name="trace" />
              <span className="bar-trace-word">{shell.trace}</span>
            </button>
            <Me user={session.user} />
          </TopBar>
          <ConnectionBanner />
          <Resume answered={answered} />
          <CurrentPage session={session} route={route} preferences={preferences} />
          <Places route={route} className="tabs" />
        </div>
        <div className={`shell-call ${covers ? "" : "shell-call-beside"}`} role={covers ? "main" : undefined}>
          {covers && <h1 className="spoken">{shell.call}</h1>}
          <CallKit place="inline" />
        </div>
        {covers && !isTraced && (
          <button type="button" className="edge-tab" onClick={() => setTraced(true)}>
            <Icon name="trace" />
            <span className="edge-tab-word">{shell.trace}</span>
          </button>
        )}
      </div>
      {isTraced && <TracePane log={session.trace} onClose={() => setTraced(false)} />}
    </div>
  );
}

function CurrentPage({
  session,
  route,
  preferences,
}: Omit<SomebodyProps, "language"> & { session: Session }): ReactNode {
  const words = useWords();
  const { desk } = useDesk();
  const { scene } = useStage();
  switch (route.place) {
    case "people":
      return (
        <PeoplePage
          key="people"
          me={session.user}
          people={session.people}
          foot={<RingSwitch />}
          isBusy={scene.kind === "dialing" || scene.kind === "talking" || scene.kind === "waiting"}
          onPlace={(users, media) => void desk.place(users, { media })}
        />
      );
    case "recents":
      return (
        <Page key="recents" title={words.recents.title}>
          <CallHistory />
        </Page>
      );
    case "settings":
      return <SettingsPage key="settings" session={session} preferences={preferences} />;
  }
}

const PLACES: readonly Place[] = ["people", "recents", "settings"];

function Places({ route, className }: { route: AppRoute; className: string }): ReactNode {
  const { shell } = useWords();
  return (
    <nav className={className} aria-label={shell.pages}>
      {PLACES.map((place) => (
        <Link key={place} to={{ ...route, place }} isCurrent={route.place === place} className="place">
          <Icon name={place} />
          <span>{shell.places[place]}</span>
        </Link>
      ))}
    </nav>
  );
}

/** That nothing rings is easily forgotten. */
function Disturbance({ route }: { route: AppRoute }): ReactNode {
  const { shell } = useWords();
  const { settings } = useDesk().state;
  if (!settings.doNotDisturb) return null;
  return (
    <Link to={{ ...route, place: "settings" }} className="quiet">
      <Icon name="moon" />
      <span className="quiet-word">{shell.doNotDisturb}</span>
    </Link>
  );
}

/** Who one is, and the way to be somebody else. Who goes hangs up: the others should not wait for somebody who is gone. */
function Me({ user }: { user: string }): ReactNode {
  const { shell } = useWords();
  const router = useRouter();
  const { desk } = useDesk();
  const { scene } = useStage();
  const change = async () => {
    if (scene.kind === "talking" || scene.kind === "waiting") await desk.hangUp(scene.call.id);
    router.go({ page: "choice" });
  };
  return (
    <button type="button" className="me" title={shell.change} onClick={() => void change()}>
      <Avatar user={user} name={user} size="small" />
      <span className="spoken">{shell.me}</span> <span className="me-name">{user}</span>
      <span className="spoken">. {shell.change}</span>
    </button>
  );
}
