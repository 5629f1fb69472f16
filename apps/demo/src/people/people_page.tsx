// The people one may call: presence, calls of two and of many, contacts.
import { type ReactNode, useState } from "react";
import { Avatar } from "../parts/avatar.js";
import { Icon } from "../parts/icon.js";
import { Page } from "../shell/page.js";
import { useStore } from "../store.js";
import { useWords } from "../words/index.js";
import { AddContact } from "./add_contact.js";
import { Group } from "./group.js";
import type { People, Person } from "./people.js";

/** How a call is placed. */
export type Place = (users: readonly string[], media: "audio" | "video") => void;

interface PeoplePageProps {
  me: string;
  people: People;
  /** No call can be placed at the moment: there is one already. */
  isBusy: boolean;
  onPlace: Place;
  /** What stands below everybody. */
  foot?: ReactNode;
}

export function PeoplePage({ me, people, isBusy, onPlace, foot }: PeoplePageProps): ReactNode {
  const { people: words, shell } = useWords();
  const { people: all, isStale } = useStore(people);
  const [isGroup, setGroup] = useState(false);
  const place: Place = (users, media) => {
    setGroup(false);
    onPlace(users, media);
  };
  if (!all)
    return <Page title={words.title}>{isStale ? <p className="hint">{words.stale}</p> : <p>{shell.loading}</p>}</Page>;
  const tools = all.length > 1 && !isGroup && (
    <button type="button" className="button" onClick={() => setGroup(true)} disabled={isBusy}>
      <Icon name="group" />
      {words.group}
    </button>
  );
  return (
    <Page title={isGroup ? words.groupTitle : words.title} tools={tools}>
      {isStale && <p className="hint">{words.stale}</p>}
      {isGroup ? (
        <Group people={all} onPlace={place} onStop={() => setGroup(false)} />
      ) : (
        <>
          <Nobody people={all} />
          <Rows people={all} isBusy={isBusy} onPlace={place} onRemove={(user) => people.remove(user)} />
          <AddContact me={me} onAdd={(user) => people.add(user)} />
          {foot}
        </>
      )}
    </Page>
  );
}

/** What to do when nobody is here: this is a demo, and the others are usually its user, too. */
function Nobody({ people }: { people: readonly Person[] }): ReactNode {
  const { people: words } = useWords();
  const [first] = people;
  if (!first || people.some(({ presence }) => presence !== "offline")) return null;
  return (
    <section className="nobody">
      <div>
        <h2 className="nobody-title">{words.alone}</h2>
        <p>{words.aloneHint(first.name)}</p>
      </div>
      <a className="button button-main" href={`/u/${encodeURIComponent(first.user)}`} target="_blank" rel="noreferrer">
        <Icon name="open" />
        {words.open(first.name)}
      </a>
    </section>
  );
}

interface RowsProps {
  people: readonly Person[];
  isBusy: boolean;
  onPlace: Place;
  onRemove: (user: string) => void;
}

function Rows({ people, isBusy, onPlace, onRemove }: RowsProps): ReactNode {
  const { people: words } = useWords();
  if (people.length === 0) return <p className="hint">{words.none}</p>;
  return (
    <ul className="rows">
      {people.map((person) => (
        <li key={person.user} className="row">
          <PersonWords person={person} />
          <div className="row-tools">
            {person.isAdded && (
              <RowButton icon="close" label={words.remove(person.name)} onPress={() => onRemove(person.user)} />
            )}
            <RowButton
              icon="phone"
              label={words.voice(person.name)}
              isDisabled={isBusy}
              onPress={() => onPlace([person.user], "audio")}
            />
            <RowButton
              icon="video"
              label={words.video(person.name)}
              isDisabled={isBusy}
              onPress={() => onPlace([person.user], "video")}
            />
          </div>
        </li>
      ))}
    </ul>
  );
}

/** Who it is, and where. */
export function PersonWords({ person: { user, name, presence } }: { person: Person }): ReactNode {
  const { people: words } = useWords();
  return (
    <>
      <Avatar user={user} name={name} presence={presence} />
      <span className="row-words">
        <bdi className="row-name">{name}</bdi>
        <span className={`row-state state-${presence}`}>{words.presence[presence]}</span>
      </span>
    </>
  );
}

interface RowButtonProps {
  icon: "close" | "phone" | "video";
  label: string;
  isDisabled?: boolean;
  onPress: () => void;
}

function RowButton({ icon, label, isDisabled = false, onPress }: RowButtonProps): ReactNode {
  return (
    <button
      type="button"
      className={`icon-button icon-button-${icon}`}
      aria-label={label}
      title={label}
      disabled={isDisabled}
      onClick={onPress}
    >
      <Icon name={icon} />
    </button>
  );
}
