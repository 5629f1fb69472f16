// The app: who one is, and everything that hangs on it.
import type { Answered } from "@offhook/client";
import { type ReactNode, useEffect, useState } from "react";
import { RouterContext } from "./parts/router.js";
import { AsleepPage } from "./push/asleep_page.js";
import { PushesPage } from "./push/pushes_page.js";
import { ASLEEP, type Route, type Router } from "./route.js";
import type { PreferencesStore } from "./settings/preferences.js";
import { Unbroken } from "./shell/broken.js";
import { ChoicePage } from "./shell/choice_page.js";
import { Somebody } from "./shell/somebody.js";
import { TopBar } from "./shell/top_bar.js";
import { useStore } from "./store.js";
import { type Language, spoken, WordsContext, wordsOf } from "./words/index.js";

interface AppProps {
  router: Router;
  preferences: PreferencesStore;
}

export function App({ router, preferences }: AppProps): ReactNode {
  const route = useStore(router);
  const { theme, language: chosen } = useStore(preferences);
  const language = chosen === "auto" ? spoken(navigator.languages) : chosen;
  useEffect(() => preferences.follow(window), [preferences]);
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dataset["theme"] = theme;
  }, [language, theme]);
  useEffect(() => {
    document.title = "user" in route ? `${route.user} · Offhook` : "Offhook";
  }, [route]);
  return (
    <RouterContext value={router}>
      <WordsContext value={wordsOf(language)}>
        <div className="oh app" data-theme={theme}>
          <Unbroken>
            <Shown route={route} router={router} language={language} preferences={preferences} />
          </Unbroken>
        </div>
      </WordsContext>
    </RouterContext>
  );
}

interface ShownProps extends AppProps {
  route: Route;
  language: Language;
}

function Shown({ route, router, language, preferences }: ShownProps): ReactNode {
  /** What a phone has answered asleep: the page that it becomes goes on with it. */
  const [answered, setAnswered] = useState<Answered>();
  switch (route.page) {
    case "choice":
      return (
        <>
          <TopBar />
          <ChoicePage />
        </>
      );
    case "pushes":
      return <PushesPage />;
    case "asleep": {
      const awake = (found: Answered | undefined) => {
        setAnswered(found);
        router.go({ page: "app", user: route.user, place: "people", device: ASLEEP });
      };
      return <AsleepPage key={route.user} user={route.user} onAwake={awake} />;
    }
    case "app":
      return (
        <Somebody
          key={`${route.user} ${route.device ?? ""}`}
          route={route}
          language={language}
          preferences={preferences}
          answered={answered?.user === route.user && answered.device === route.device ? answered : undefined}
        />
      );
  }
}
