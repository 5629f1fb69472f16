// The frame of a page: its title, which takes the focus when one comes here, and what stands beside it.
import { type ReactNode, useEffect, useRef } from "react";

interface PageProps {
  title: string;
  tools?: ReactNode;
  children: ReactNode;
}

export function Page({ title, tools, children }: PageProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The first page has the focus where the browser puts it; later ones are news to who cannot see them.
    if (document.activeElement !== document.body) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <main className="page" id="page">
      <header className="page-head">
        <h1 className="page-title" ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {tools}
      </header>
      {children}
    </main>
  );
}
