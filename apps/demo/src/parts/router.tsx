// The tab's router for components, and links that load nothing anew.
import { createContext, type MouseEvent, type ReactNode, useContext } from "react";
import { addressOf, type Route, type Router } from "../route.js";

export const RouterContext = createContext<Router | undefined>(undefined);

/** The tab's router. */
export function useRouter(): Router {
  const router = useContext(RouterContext);
  if (!router) throw new Error("no RouterContext above");
  return router;
}

interface LinkProps {
  to: Route;
  className?: string;
  children: ReactNode;
  /** Whether this is where one is. */
  isCurrent?: boolean;
}

/** A link to a page of this app. With a modifier or the middle button it opens a tab as links do. */
export function Link({ to, className, children, isCurrent = false }: LinkProps): ReactNode {
  const router = useRouter();
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    router.go(to);
  };
  return (
    <a href={addressOf(to)} className={className} aria-current={isCurrent ? "page" : undefined} onClick={follow}>
      {children}
    </a>
  );
}
