// A field for the id of a user.
import { type ReactNode, type SyntheticEvent, useRef, useState } from "react";
import { isUser } from "../route.js";
import { useWords } from "../words/index.js";

/** What is wrong with an id, as the words of people call it. */
type Problem = "badId" | "itIsYou";

interface UserFormProps {
  /** Of the field: unique in the page. */
  id: string;
  className: string;
  label: string;
  placeholder?: string;
  /** Below the field while nothing is wrong. */
  hint?: string;
  /** The button. */
  children: ReactNode;
  /** Takes an id. @returns what is wrong with it */
  onUser: (user: string) => Problem | undefined;
}

export function UserForm({ id, className, label, placeholder, hint, children, onUser }: UserFormProps): ReactNode {
  const { people } = useWords();
  const field = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<Problem>();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const user = name.trim();
    const found = isUser(user) ? onUser(user) : "badId";
    if (!found) return setName("");
    setProblem(found);
    field.current?.focus();
  };
  const said = problem ? people[problem] : hint;
  return (
    <form className={className} onSubmit={submit} noValidate>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <div className="field-row">
        <input
          id={id}
          ref={field}
          className="field"
          type="text"
          maxLength={32}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder={placeholder}
          value={name}
          aria-invalid={problem !== undefined}
          aria-describedby={said && `${id}-hint`}
          onChange={({ target }) => {
            setName(target.value);
            setProblem(undefined);
          }}
        />
        {children}
      </div>
      {said && (
        <p
          id={`${id}-hint`}
          className={problem ? "field-hint field-bad" : "field-hint"}
          role={problem ? "alert" : undefined}
        >
          {said}
        </p>
      )}
    </form>
  );
}
