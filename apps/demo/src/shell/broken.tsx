// What is left to say when the page itself is broken.
import { Component, type ReactNode } from "react";
import { useWords } from "../words/index.js";

interface State {
  readonly isBroken: boolean;
}

/** Shows a sentence and a way on in place of a page that cannot be drawn. React writes the error itself to the console. */
export class Unbroken extends Component<{ children: ReactNode }, State> {
  override state: State = { isBroken: false };

  static getDerivedStateFromError(): State {
    return { isBroken: true };
  }

  override render(): ReactNode {
    return this.state.isBroken ? <Broken /> : this.props.children;
  }
}

function Broken(): ReactNode {
  const { shell } = useWords();
  return (
    <main className="page" role="alert">
      <h1 className="page-title">{shell.broken}</h1>
      <p className="hint">{shell.brokenHint}</p>
      <button type="button" className="button button-main" onClick={() => location.reload()}>
        {shell.reload}
      </button>
    </main>
  );
}
