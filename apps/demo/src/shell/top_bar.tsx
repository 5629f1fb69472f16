// The bar at the top: where this is, and what belongs to every page.
import type { ReactNode } from "react";
import { Link } from "../parts/router.js";
import type { Route } from "../route.js";

interface TopBarProps {
  /** Where the name of the app leads. Default: the choice of who to be. */
  home?: Route;
  children?: ReactNode;
}

export function TopBar({ home = { page: "choice" }, children }: TopBarProps): ReactNode {
  return (
    <header className="bar">
      <Link to={home} className="wordmark">
        Offhook
      </Link>
      {children}
    </header>
  );
}
