// What the user may choose: how calls reach them (the kit's part), how they are placed, looks, and what this device is.
import { SettingsPanel } from "@offhook/react";
import type { ReactNode } from "react";
import type { Session } from "../session/session.js";
import { Page } from "../shell/page.js";
import { useStore } from "../store.js";
import { useWords } from "../words/index.js";
import { Section, Select, Switch } from "./fields.js";
import { type PreferencesStore, RING_CHOICES_S } from "./preferences.js";

interface SettingsPageProps {
  session: Session;
  preferences: PreferencesStore;
}

export function SettingsPage({ session, preferences }: SettingsPageProps): ReactNode {
  const { settings: words } = useWords();
  return (
    <Page title={words.title}>
      <Section title={words.reaching}>
        <div className="settings-kit">
          <SettingsPanel />
        </div>
      </Section>
      <Placing preferences={preferences} />
      <Looks preferences={preferences} />
      <ThisDevice session={session} />
    </Page>
  );
}

/** How calls are placed. */
function Placing({ preferences }: { preferences: PreferencesStore }): ReactNode {
  const { settings: words } = useWords();
  const { mode, ringS, confirmHangUp } = useStore(preferences);
  return (
    <Section title={words.placing}>
      <Select
        label={words.mode}
        value={mode}
        choices={(["advanced", "general"] as const).map((choice) => [choice, words.modeChoices[choice]])}
        onChange={(choice) => preferences.change({ mode: choice })}
      />
      <Select
        label={words.ring}
        value={String(ringS)}
        choices={RING_CHOICES_S.map((seconds) => [String(seconds), words.seconds(seconds)])}
        onChange={(choice) => preferences.change({ ringS: Number(choice) })}
      />
      <Switch
        label={words.confirm}
        isOn={confirmHangUp}
        onChange={(isOn) => preferences.change({ confirmHangUp: isOn })}
      />
    </Section>
  );
}

function Looks({ preferences }: { preferences: PreferencesStore }): ReactNode {
  const { settings: words } = useWords();
  const { theme, language } = useStore(preferences);
  return (
    <Section title={words.look}>
      <Select
        label={words.theme}
        value={theme}
        choices={(["auto", "light", "dark"] as const).map((choice) => [choice, words.themeChoices[choice]])}
        onChange={(choice) => preferences.change({ theme: choice })}
      />
      <Select
        label={words.language}
        value={language}
        choices={[
          ["auto", words.languageAuto],
          ["en", "English"],
          ["zh", "中文"],
        ]}
        onChange={(choice) => preferences.change({ language: choice })}
      />
    </Section>
  );
}

function ThisDevice({ session: { client, device } }: { session: Session }): ReactNode {
  const { settings: words } = useWords();
  // An answer that does not come changes nothing: the client is stopped either way.
  const logout = () => void client.logout().catch(() => undefined);
  return (
    <Section title={words.about}>
      <dl className="facts">
        <dt>{words.device}</dt>
        <dd>
          <code>{device}</code>
        </dd>
        <dt>{words.server}</dt>
        <dd>
          <code>{location.host}</code>
        </dd>
      </dl>
      <div className="setting setting-row">
        <p className="setting-hint" id="logout-hint">
          {words.logoutHint}
        </p>
        <button type="button" className="button" aria-describedby="logout-hint" onClick={logout}>
          {words.logout}
        </button>
      </div>
    </Section>
  );
}
