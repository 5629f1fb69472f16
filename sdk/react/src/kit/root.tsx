// Where the kit's looks begin: theme, language and direction for everything inside.
import { type ReactElement, type ReactNode, type Ref } from "react";
import { useKit } from "../context.js";
import { classes } from "./classes.js";

export interface RootProps {
  children: ReactNode;
  className?: string | undefined;
  innerRef?: Ref<HTMLDivElement> | undefined;
}

/** Every part that an app may place by itself stands in one. */
export function Root({ children, className, innerRef }: RootProps): ReactElement {
  const { options, locale } = useKit();
  const { direction = "auto", theme = "auto" } = options;
  return (
    <div
      ref={innerRef}
      className={classes("oh", className)}
      data-theme={theme}
      lang={locale}
      {...(direction === "auto" ? {} : { dir: direction })}
    >
      {children}
    </div>
  );
}
