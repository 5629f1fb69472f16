// The few kinds of fields that settings are made of.
import { type ReactNode, useId } from "react";

interface SwitchProps {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}

/** On or off, at once. */
export function Switch({ label, isOn, onChange }: SwitchProps): ReactNode {
  return (
    <div className="setting">
      <label className="setting-row">
        <span className="setting-label">{label}</span>
        <input
          type="checkbox"
          role="switch"
          className="switch"
          checked={isOn}
          onChange={({ target }) => onChange(target.checked)}
        />
      </label>
    </div>
  );
}

interface SelectProps<Value extends string> {
  label: string;
  value: Value;
  choices: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
}

/** One of a few. */
export function Select<Value extends string>({ label, value, choices, onChange }: SelectProps<Value>): ReactNode {
  const id = useId();
  const take = (chosen: string) => {
    const found = choices.find(([choice]) => choice === chosen);
    if (found) onChange(found[0]);
  };
  return (
    <div className="setting">
      <div className="setting-row">
        <label className="setting-label" htmlFor={id}>
          {label}
        </label>
        <select id={id} className="field field-select" value={value} onChange={({ target }) => take(target.value)}>
          {choices.map(([choice, word]) => (
            <option key={choice} value={choice}>
              {word}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

/** Settings of one kind. */
export function Section({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const id = useId();
  return (
    <section className="settings-section" aria-labelledby={id}>
      <h2 className="settings-title" id={id}>
        {title}
      </h2>
      <div className="card">{children}</div>
    </section>
  );
}
