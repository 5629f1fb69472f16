// A stream of the server's events, for as long as a component is there.
import { useEffect, useRef, useState } from "react";

/** Hears each event; the browser connects again by itself. @returns whether the server can be reached */
export function useStream(path: string, onEvent: (data: string) => void): boolean {
  const [isAway, setAway] = useState(false);
  const heard = useRef(onEvent);
  useEffect(() => {
    heard.current = onEvent;
  });
  useEffect(() => {
    const source = new EventSource(path);
    source.onopen = () => setAway(false);
    source.onerror = () => setAway(true);
    source.onmessage = ({ data }) => heard.current(String(data));
    return () => source.close();
  }, [path]);
  return !isAway;
}
