// The app: who one is, and everything that hangs on it.
import { type ReactNode, useEffect } from "react";
import { RouterContext } from "./parts/router.js";
import type { Router } from "./route.js";
import type { PreferencesStore } from "./settings/preferences.js";
import { Unbroken } from "./shell/broken.js";
import { ChoicePage } from "./shell/choice_page.js";
import { Somebody } from "./shell/somebody.js";
import { TopBar } from "./shell/top_bar.js";
import { useStore } from "./store.js";
import { spoken, WordsContext, wordsOf } from "./words/index.js";

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
    document.title = route.page === "choice" ? "Offhook" : `${route.user} · Offhook`;
  }, [route]);
  return (
    <RouterContext value={router}>
      <WordsContext value={wordsOf(language)}>
        <div className="oh app" data-theme={theme}>
          <Unbroken>
            {route.page === "choice" ? (
              <>
                <TopBar />
                <ChoicePage />
              </>
            ) : (
              <Somebody
                key={`${route.user} ${route.device ?? ""}`}
                route={route}
                language={language}
                preferences={preferences}
              />
            )}
          </Unbroken>
        </div>
      </WordsContext>
    </RouterContext>
  );
}
