// Where the kit's looks begin: theme, language and direction for everything inside.
import { createContext, type ReactElement, type ReactNode, type Ref, useContext } from "react";
import { useKit } from "../context.js";
import { classes } from "./classes.js";

export interface RootProps {
  children: ReactNode;
  className?: string | undefined;
  innerRef?: Ref<HTMLDivElement> | undefined;
}

/** Whether there is one around already. */
export const IsInside = createContext(false);

/** Every part that an app may place by itself stands in one. Inside another one it changes nothing: a call stays dark. */
export function Root({ children, className, innerRef }: RootProps): ReactElement {
  const { options, locale } = useKit();
  const { direction = "auto", theme = "auto" } = options;
  const isInside = useContext(IsInside);
  if (isInside)
    return (
      <div ref={innerRef} className={className}>
        {children}
      </div>
    );
  return (
    <div
      ref={innerRef}
      className={classes("oh", className)}
      data-theme={theme}
      lang={locale}
      {...(direction === "auto" ? {} : { dir: direction })}
    >
      <IsInside.Provider value={true}>{children}</IsInside.Provider>
    </div>
  );
}
