// The bar at the top: where this is, and what belongs to every page.
import type { ReactNode } from "react";
import { Link } from "../parts/router.js";

export function TopBar({ children }: { children?: ReactNode }): ReactNode {
  return (
    <header className="bar">
      <Link to={{ page: "choice" }} className="wordmark">
        Offhook
      </Link>
      {children}
    </header>
  );
}
