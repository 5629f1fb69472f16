// Who does one want to be? The page at `/`.
import { type ReactNode, useEffect, useState } from "react";
import { Avatar } from "../parts/avatar.js";
import { Icon } from "../parts/icon.js";
import { Link, useRouter } from "../parts/router.js";
import { UserForm } from "../parts/user_form.js";
import { type Person, peopleOf } from "../people/people.js";
import { askForPeople, whileVisible } from "../session/session.js";
import { useWords } from "../words/index.js";

/** Shown until the server has said who there is. */
const FIRST = ["alice", "bob", "carol"];
const ASK_EVERY_MS = 3_000;

export function ChoicePage(): ReactNode {
  const { choice, people: words } = useWords();
  return (
    <main className="choice" id="page">
      <h1 className="choice-title">{choice.title}</h1>
      <p className="choice-lead">{choice.lead}</p>
      <ul className="choice-list">
        {usePeople().map(({ user, name, presence }) => (
          <li key={user} className="choice-item">
            <Link to={{ page: "app", user, place: "people" }} className="choice-person">
              <Avatar user={user} name={name} size="large" presence={presence} />
              <bdi className="choice-name">{name}</bdi>
              <span className="choice-presence">{words.presence[presence]}</span>
            </Link>
            <a
              className="icon-button choice-tab"
              href={`/u/${encodeURIComponent(user)}`}
              target="_blank"
              rel="noreferrer"
              aria-label={choice.newTab(name)}
              title={choice.newTab(name)}
            >
              <Icon name="open" />
            </a>
          </li>
        ))}
      </ul>
      <SomebodyElse />
      <p className="choice-foot">
        <a href="/room">{choice.rooms}</a>
        <a href="/dev/push">{choice.pushes}</a>
      </p>
    </main>
  );
}

function SomebodyElse(): ReactNode {
  const { choice } = useWords();
  const router = useRouter();
  const go = (user: string) => {
    router.go({ page: "app", user, place: "people" });
    return undefined;
  };
  return (
    <UserForm id="somebody" className="choice-form" label={choice.somebody} hint={choice.hint} onUser={go}>
      <button type="submit" className="button button-main">
        {choice.go}
      </button>
    </UserForm>
  );
}

/** Everybody that the server knows of. */
function usePeople(): readonly Person[] {
  const [people, setPeople] = useState<readonly Person[]>(() => FIRST.map(stranger));
  useEffect(() => {
    const ended = new AbortController();
    const ask = () => {
      const take = (answer: unknown) => {
        const found = peopleOf(answer, [], "");
        if (!ended.signal.aborted && found.length > 0)
          setPeople([...found].sort((one, other) => (one.user < other.user ? -1 : 1)));
      };
      // Without an answer the page shows whom it showed before.
      askForPeople([]).then(take, () => undefined);
    };
    ask();
    const stop = whileVisible(ASK_EVERY_MS, ask);
    return () => {
      ended.abort();
      stop();
    };
  }, []);
  return people;
}

function stranger(user: string): Person {
  return { user, name: user, presence: "offline", isAdded: false };
}
