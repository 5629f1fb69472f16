// A field for the id of somebody whom the server does not name by itself.
import { type ReactNode, type SyntheticEvent, useState } from "react";
import { Icon } from "../parts/icon.js";
import { isUser } from "../route.js";
import { useWords } from "../words/index.js";

export function AddContact({ me, onAdd }: { me: string; onAdd: (user: string) => void }): ReactNode {
  const { people: words } = useWords();
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<"badId" | "itIsYou">();
  const add = (event: SyntheticEvent) => {
    event.preventDefault();
    const user = name.trim();
    if (!isUser(user)) return setProblem("badId");
    if (user === me) return setProblem("itIsYou");
    onAdd(user);
    setName("");
  };
  return (
    <form className="add-contact" onSubmit={add} noValidate>
      <label className="field-label" htmlFor="contact">
        {words.add}
      </label>
      <div className="field-row">
        <input
          id="contact"
          className="field"
          type="text"
          maxLength={32}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder={words.addField}
          value={name}
          aria-invalid={problem !== undefined}
          aria-describedby={problem ? "contact-problem" : undefined}
          onChange={({ target }) => {
            setName(target.value);
            setProblem(undefined);
          }}
        />
        <button type="submit" className="button" aria-label={words.add}>
          <Icon name="add" />
        </button>
      </div>
      {problem && (
        <p id="contact-problem" className="field-hint field-bad" role="alert">
          {words[problem]}
        </p>
      )}
    </form>
  );
}
