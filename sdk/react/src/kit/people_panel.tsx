// Who is in the call, who rings, who is not in it; and the ways to change that.
import type { CallState, Leg, Participant, RoomState, UserId } from "@offhook/client";
import { type SubmitEvent, type ReactElement, type ReactNode, useId, useState } from "react";
import { useKit } from "../context.js";
import { isWaiting } from "../desk/state.js";
import { useDesk, useName, useUsers, useWords } from "../hooks/desk.js";
import { legWords, qualityWord } from "../words/legs.js";
import { Avatar } from "./avatar.js";
import { IconButton, TextButton } from "./buttons.js";
import { Icon } from "./icons.js";
import { useTakeBack } from "./pictures/tile.js";
import { microphoneOf, worse } from "./pictures/tiles.js";
import { Question } from "./question.js";

export interface PeoplePanelProps {
  call: CallState;
  room: RoomState | undefined;
}

export function PeoplePanel({ call, room }: PeoplePanelProps): ReactElement {
  const words = useWords();
  const { desk } = useDesk();
  const [removing, setRemoving] = useState<UserId>();
  const inCall = call.legs.filter((leg) => leg.status === "accepted");
  const waiting = call.legs.filter((leg) => isWaiting(leg.status));
  const out = call.legs.filter((leg) => leg.status !== "accepted" && !isWaiting(leg.status));
  const presence = new Map(room?.participants.map((each) => [each.user, each]));
  const mayRemove = room?.role === "host";
  const takeBack = useTakeBack(call);
  const remove = () => {
    if (removing !== undefined) void desk.remove(call.id, removing);
    setRemoving(undefined);
  };
  return (
    <>
      <AddPeople call={call} />
      <Group title={words.in_the_call} legs={inCall}>
        {(leg) => (
          <Present
            leg={leg}
            participant={presence.get(leg.user)}
            onRemove={mayRemove ? () => setRemoving(leg.user) : undefined}
          />
        )}
      </Group>
      <Group title={words.being_called} legs={waiting}>
        {(leg) => <Waiting leg={leg} onTakeBack={takeBack(leg.user)} />}
      </Group>
      <Group title={words.not_in_call} legs={out}>
        {(leg) => <Absent leg={leg} onAdd={() => void desk.add(call.id, [leg.user])} />}
      </Group>
      {removing !== undefined && <RemoveQuestion user={removing} onYes={remove} onNo={() => setRemoving(undefined)} />}
    </>
  );
}

function RemoveQuestion({ user, onYes, onNo }: { user: UserId; onYes: () => void; onNo: () => void }): ReactElement {
  const words = useWords();
  const title = words.remove_question(useName(user));
  return (
    <Question
      title={title}
      detail={words.remove_detail}
      yes={words.remove}
      no={words.cancel}
      onYes={onYes}
      onNo={onNo}
    />
  );
}

function Group(props: { title: string; legs: readonly Leg[]; children: (leg: Leg) => ReactNode }): ReactElement | null {
  const { title, legs, children } = props;
  if (legs.length === 0) return null;
  return (
    <section className="oh-people">
      <h3 className="oh-section-title">
        {title} <span className="oh-count">{legs.length}</span>
      </h3>
      <ul className="oh-list">
        {legs.map((leg) => (
          <li key={leg.user} className="oh-row">
            {children(leg)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Person({ user, detail }: { user: UserId; detail?: string | undefined }): ReactElement {
  const words = useWords();
  const { state } = useDesk();
  const name = useName(user);
  return (
    <>
      <Avatar user={user} size="small" />
      <span className="oh-row-text">
        <bdi className="oh-row-name">{user === state.me ? `${name} (${words.you})` : name}</bdi>
        {detail && <span className="oh-row-detail">{detail}</span>}
      </span>
    </>
  );
}

interface PresentProps {
  leg: Leg;
  participant: Participant | undefined;
  onRemove: (() => void) | undefined;
}

function Present({ leg, participant, onRemove }: PresentProps): ReactElement {
  const words = useWords();
  const name = useName(leg.user);
  const isSilent = participant && participant.presence !== "joined" && microphoneOf(participant.streams) !== "on";
  return (
    <>
      <Person user={leg.user} detail={presenceWord(words, participant)} />
      {isSilent && (
        <span className="oh-row-mark">
          <Icon name="microphone_off" />
          <span className="oh-spoken">{words.is_muted}</span>
        </span>
      )}
      {onRemove && participant && !participant.isMe && (
        <IconButton icon="remove_person" label={words.remove_of(name)} onClick={onRemove} />
      )}
    </>
  );
}

function presenceWord(words: ReturnType<typeof useWords>, participant: Participant | undefined): string | undefined {
  if (!participant || participant.presence === "joined") return words.connecting;
  if (participant.presence === "reconnecting") return words.reconnecting_user;
  const quality = worse(participant.uplink, participant.downlink);
  return quality > 0 && quality <= 3 ? words.quality(qualityWord(words, quality)) : undefined;
}

function Waiting({ leg, onTakeBack }: { leg: Leg; onTakeBack: (() => void) | undefined }): ReactElement {
  const words = useWords();
  const name = useName(leg.user);
  return (
    <>
      <Person user={leg.user} detail={legWords(words, leg)} />
      {onTakeBack && (
        <TextButton tone="link" word={words.take_back} label={words.take_back_of(name)} onClick={onTakeBack} />
      )}
    </>
  );
}

function Absent({ leg, onAdd }: { leg: Leg; onAdd: () => void }): ReactElement {
  const words = useWords();
  const name = useName(leg.user);
  return (
    <>
      <Person user={leg.user} detail={legWords(words, leg)} />
      <TextButton tone="link" word={words.ring_again} label={words.ring_again_at(name)} onClick={onAdd} />
    </>
  );
}

/** Contacts to add with one click, and a field for everybody else. */
export function AddPeople({ call }: { call: CallState }): ReactElement {
  const words = useWords();
  const { options } = useKit();
  const { desk } = useDesk();
  const [text, setText] = useState("");
  const fieldId = useId();
  const inIt = new Set(
    call.legs.filter((leg) => leg.status === "accepted" || isWaiting(leg.status)).map((leg) => leg.user),
  );
  const contacts = (options.contacts ?? []).filter(
    (user) => !inIt.has(user) && !call.legs.some((leg) => leg.user === user),
  );
  const names = useUsers(contacts);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const user = text.trim();
    if (user !== "") void desk.add(call.id, [user]);
    setText("");
  };
  return (
    <section className="oh-people">
      <h3 className="oh-section-title">{words.add_people}</h3>
      {contacts.length > 0 && (
        <ul className="oh-chips">
          {contacts.map((user) => (
            <li key={user}>
              <button
                type="button"
                className="oh-chip"
                aria-label={words.add_of(names.get(user)?.name ?? user)}
                onClick={() => void desk.add(call.id, [user])}
              >
                <Avatar user={user} size="small" />
                <bdi>{names.get(user)?.name ?? user}</bdi>
                <Icon name="add" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <form className="oh-field" onSubmit={submit}>
        <label htmlFor={fieldId} className="oh-spoken">
          {words.person_id}
        </label>
        <input
          id={fieldId}
          value={text}
          placeholder={words.person_id}
          maxLength={32}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
        <TextButton type="submit" word={words.add} disabled={text.trim() === ""} />
      </form>
    </section>
  );
}
