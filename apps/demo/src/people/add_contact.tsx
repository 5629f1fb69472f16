// A field for the id of somebody whom the server does not name by itself.
import type { ReactNode } from "react";
import { Icon } from "../parts/icon.js";
import { UserForm } from "../parts/user_form.js";
import { useWords } from "../words/index.js";

export function AddContact({ me, onAdd }: { me: string; onAdd: (user: string) => void }): ReactNode {
  const { people: words } = useWords();
  const add = (user: string) => {
    if (user === me) return "itIsYou";
    onAdd(user);
    return undefined;
  };
  return (
    <UserForm id="contact" className="add-contact" label={words.add} placeholder={words.addField} onUser={add}>
      <button type="submit" className="button" aria-label={words.add}>
        <Icon name="add" />
      </button>
    </UserForm>
  );
}
