// Choosing several people for one call.
import { type ReactNode, useState } from "react";
import { Icon } from "../parts/icon.js";
import { useWords } from "../words/index.js";
import type { Person } from "./people.js";
import { PersonWords, type Place } from "./people_page.js";

/** Invitees of one request, as docs/protocol.md limits them. */
const MOST = 9;

interface GroupProps {
  people: readonly Person[];
  onPlace: Place;
  onStop: () => void;
}

export function Group({ people, onPlace, onStop }: GroupProps): ReactNode {
  const { people: words } = useWords();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const choose = (user: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(user);
    else next.delete(user);
    setChosen(next);
  };
  // Somebody who was chosen may be gone from the list by now.
  const users = people.map(({ user }) => user).filter((user) => chosen.has(user));
  return (
    <>
      <ul className="rows">
        {people.map((person) => (
          <li key={person.user} className="row row-choice">
            <label className="row-label">
              <PersonWords person={person} />
              <input
                type="checkbox"
                className="row-tick"
                checked={chosen.has(person.user)}
                disabled={users.length >= MOST && !chosen.has(person.user)}
                onChange={({ target }) => choose(person.user, target.checked)}
              />
            </label>
          </li>
        ))}
      </ul>
      <div className="group-bar">
        <p className="group-count" role="status">
          {words.chosen(users.length, MOST)}
        </p>
        <button type="button" className="button" onClick={onStop}>
          {words.stop}
        </button>
        <button type="button" className="button" disabled={users.length === 0} onClick={() => onPlace(users, "audio")}>
          <Icon name="phone" />
          {words.groupVoice}
        </button>
        <button
          type="button"
          className="button button-main"
          disabled={users.length === 0}
          onClick={() => onPlace(users, "video")}
        >
          <Icon name="video" />
          {words.groupVideo}
        </button>
      </div>
    </>
  );
}
