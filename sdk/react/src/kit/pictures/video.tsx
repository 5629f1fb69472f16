// Pictures that move: those of others come from the room, the own one from the camera.
import type { Room } from "@offhook/client";
import { type ReactElement, useEffect, useRef, useState } from "react";
import { classes } from "../classes.js";

/** A picture may lose this share of itself to fill its place; beyond, it is shown whole. */
const MOST_CROPPED = 0.45;

export interface RemoteVideoProps {
  room: Room;
  stream: string;
  source: "camera" | "screen";
  /** Whole, whatever remains empty. Default: for screens. */
  isWhole?: boolean;
}

/** Somebody's camera or screen. The server sends it at the size at which it is shown. */
export function RemoteVideo({ room, stream, source, isWhole = source === "screen" }: RemoteVideoProps): ReactElement {
  const video = useRef<HTMLVideoElement>(null);
  const [fits, setFits] = useState(true);
  useEffect(() => {
    const element = video.current;
    return element ? room.attach(element, stream, source) : undefined;
  }, [room, stream, source]);
  useEffect(() => {
    const element = video.current;
    if (!element || typeof ResizeObserver === "undefined") return undefined;
    const look = () => setFits(cropped(element) <= MOST_CROPPED);
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("resize", look);
    return () => {
      observer.disconnect();
      element.removeEventListener("resize", look);
    };
  }, []);
  return (
    <video
      ref={video}
      className={classes("oh-video", (isWhole || !fits) && "oh-video-whole")}
      autoPlay
      muted
      playsInline
      disablePictureInPicture={source === "camera" ? undefined : true}
      tabIndex={-1}
    />
  );
}

function cropped({ videoWidth, videoHeight, clientWidth, clientHeight }: HTMLVideoElement): number {
  if (videoWidth * videoHeight * clientWidth * clientHeight === 0) return 0;
  const [picture, place] = [videoWidth / videoHeight, clientWidth / clientHeight];
  return 1 - Math.min(picture / place, place / picture);
}

/** What this device records, as in a mirror. */
export function OwnVideo({ track }: { track: MediaStreamTrack }): ReactElement {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!element || typeof MediaStream === "undefined") return undefined;
    element.srcObject = new MediaStream([track]);
    return () => {
      element.srcObject = null;
    };
  }, [track]);
  const isMirrored = track.getSettings().facingMode !== "environment";
  return (
    <video
      ref={video}
      className={classes("oh-video", isMirrored && "oh-video-mirrored")}
      autoPlay
      muted
      playsInline
      tabIndex={-1}
    />
  );
}
