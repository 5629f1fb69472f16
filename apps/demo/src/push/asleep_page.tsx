// The page at `/u/bob?device=asleep`: a phone that is dark until a push wakes it.
import type { Answered } from "@offhook/client";
import { askInvitation, type Face } from "@offhook/client/push";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Avatar } from "../parts/avatar.js";
import { Icon } from "../parts/icon.js";
import { ASLEEP } from "../route.js";
import { Page } from "../shell/page.js";
import { TopBar } from "../shell/top_bar.js";
import { useStore } from "../store.js";
import { useWords } from "../words/index.js";
import { Phone } from "./phone.js";
import { phonePath, registerPhone } from "./push_log.js";
import { useStream } from "./use_stream.js";

interface AsleepPageProps {
  user: string;
  /** The phone is awake, with what its user has answered. */
  onAwake: (answered: Answered | undefined) => void;
}

export function AsleepPage({ user, onAwake }: AsleepPageProps): ReactNode {
  const phone = usePhone(user, onAwake);
  const { asleep: words } = useWords();
  return (
    <>
      <TopBar />
      <Page title={words.title(user)}>
        <p className="pushes-lead">{words.lead}</p>
        {phone && <Awaited user={user} phone={phone} />}
      </Page>
    </>
  );
}

function Awaited({ user, phone }: { user: string; phone: Phone }): ReactNode {
  const { asleep: words } = useWords();
  const { came } = useStore(phone);
  const isReached = useStream(phonePath(user, ASLEEP), (data) => phone.push(data));
  return (
    <div className="asleep">
      <Screen user={user} phone={phone} />
      <section className="asleep-came" aria-labelledby="asleep-came">
        <h2 className="settings-title" id="asleep-came">
          {words.came}
        </h2>
        {came.length === 0 && <p className="hint">{words.nothing}</p>}
        <ol className="asleep-list">
          {came.map(({ id, document, did }) => (
            <li key={id} className="asleep-push" data-did={did}>
              <span className="asleep-kind">{document ? words.kinds[document.kind] : words.unreadable}</span>
              <span className="asleep-step">{document && words.step(document.seq)}</span>
              <span className="asleep-did">{words.did[did]}</span>
            </li>
          ))}
        </ol>
        <p role="status">{!isReached && words.unreachable}</p>
        <p>
          <a href="/dev/push" target="_blank" rel="noreferrer">
            {words.pushes}
          </a>
        </p>
      </section>
    </div>
  );
}

/** The phone, drawn. */
function Screen({ user, phone }: { user: string; phone: Phone }): ReactNode {
  const { asleep: words } = useWords();
  const { face, isAnswering } = useStore(phone);
  return (
    <div className="asleep-phone" data-face={face?.kind ?? "dark"} role="group" aria-label={words.phone(user)}>
      <div className="asleep-screen">
        {face === undefined || face.kind === "nothing" ? (
          <p className="asleep-dark">
            <Icon name="moon" />
            <span>{words.dark}</span>
          </p>
        ) : face.kind === "ringing" ? (
          <Ringing key={face.ring.document.call} face={face} phone={phone} isAnswering={isAnswering} />
        ) : (
          <Told face={face} phone={phone} />
        )}
      </div>
    </div>
  );
}

interface RingingProps {
  face: Extract<Face, { kind: "ringing" }>;
  phone: Phone;
  isAnswering: boolean;
}

function Ringing({ face: { ring }, phone, isAnswering }: RingingProps): ReactNode {
  const { asleep: words } = useWords();
  const { body, caller, media } = ring.document;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  const what = body || words.calls[media === "audio" ? "audio" : "video"];
  const left = Math.max(0, Math.ceil((ring.until - useWallClock()) / 1_000));
  return (
    <div ref={place} className="asleep-ring" role="alertdialog" aria-label={`${ring.name}, ${what}`} tabIndex={-1}>
      <span className="asleep-face">
        <Avatar user={caller} name={ring.name} size="large" />
      </span>
      <bdi className="asleep-name">{ring.name}</bdi>
      <span className="asleep-what">{what}</span>
      {/* For the eye: read aloud each second it would be noise. */}
      <span className="asleep-left" aria-hidden="true">
        {isAnswering ? words.answering : words.left(left)}
      </span>
      <span className="spoken" role="status">
        {isAnswering && words.answering}
      </span>
      <span className="asleep-acts">
        <button
          type="button"
          className="asleep-act asleep-decline"
          disabled={isAnswering}
          onClick={() => phone.press("decline")}
        >
          <Icon name="close" />
          <span>{words.decline}</span>
        </button>
        <button
          type="button"
          className="asleep-act asleep-accept"
          disabled={isAnswering}
          onClick={() => phone.press("accept")}
        >
          <Icon name={media === "audio" ? "phone" : "video"} />
          <span>{words.accept}</span>
        </button>
      </span>
    </div>
  );
}

/** How it came out. */
function Told({ face, phone }: { face: Extract<Face, { kind: "missed" | "note" }>; phone: Phone }): ReactNode {
  const { asleep: words } = useWords();
  return (
    <div className="asleep-ring">
      <Avatar user={face.ring.document.caller} name={face.ring.name} size="large" />
      <bdi className="asleep-name">{face.ring.name}</bdi>
      <span className={`asleep-what ${face.kind === "missed" ? "asleep-missed" : ""}`} role="status">
        {face.kind === "missed" ? words.missed : words.notes[face.note]}
      </span>
      <button type="button" className="button button-small asleep-put" onClick={() => phone.sleep()}>
        {words.put}
      </button>
    </div>
  );
}

/** The time, each second, in milliseconds since the UNIX epoch. */
function useWallClock(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** A phone that the server knows where to find; made anew for another user. */
function usePhone(user: string, onAwake: (answered: Answered | undefined) => void): Phone | undefined {
  const [phone, setPhone] = useState<Phone>();
  const awake = useRef(onAwake);
  useEffect(() => {
    awake.current = onAwake;
  });
  useEffect(() => {
    const after = (ms: number, act: () => void) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    };
    const now = () => Date.now();
    const port = { now, after, fetch: globalThis.fetch };
    const made = new Phone({
      user,
      device: ASLEEP,
      now,
      after,
      answer: (request) => askInvitation(port, { ...request, server: location.origin }),
      storage: sessionStorageOf(window),
      onAwake: (answered) => awake.current(answered),
    });
    const register = () => void registerPhone(user, ASLEEP).catch(() => undefined);
    register();
    setPhone(made);
    // A server that was restarted meanwhile has forgotten it.
    window.addEventListener("online", register);
    return () => {
      window.removeEventListener("online", register);
      made.close();
    };
  }, [user]);
  return phone;
}

function sessionStorageOf(tab: Window): Storage | undefined {
  try {
    return tab.sessionStorage;
  } catch {
    return undefined;
  }
}
