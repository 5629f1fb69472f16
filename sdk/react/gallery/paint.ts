// Pictures for cameras that do not exist: somebody in front of a wall, and a screen with text.
import type { TrackSource } from "@offhook/client";
import { hueOf } from "../src/text/names.js";

const FRAMES = 10;

/** A moving picture of somebody. */
export function personStream(user: string, isUpright = false): MediaStream {
  const [width, height] = isUpright ? [360, 640] : [960, 540];
  return painted(width, height, (pen, at) => person(pen, width, height, hueOf(user), at));
}

/** Fills an element, as a room does. */
export function paint(element: HTMLVideoElement, stream: string, source: TrackSource): () => void {
  const user = stream.split("_")[0] ?? stream;
  const media = source === "screen" ? screenStream() : personStream(user, user === "dave");
  element.srcObject = media;
  element.play().catch(() => undefined);
  return () => {
    element.srcObject = null;
    for (const track of media.getTracks()) track.stop();
  };
}

function screenStream(): MediaStream {
  return painted(1280, 720, (pen) => {
    pen.fillStyle = "#fbfaf7";
    pen.fillRect(0, 0, 1280, 720);
    pen.fillStyle = "#24292a";
    pen.font = "600 44px sans-serif";
    pen.fillText("Quarter in numbers", 80, 120);
    for (let bar = 0; bar < 8; bar += 1) {
      pen.fillStyle = `oklch(0.7 0.1 ${150 + bar * 6})`;
      const height = 120 + ((bar * 73) % 260);
      pen.fillRect(80 + bar * 140, 620 - height, 100, height);
    }
  });
}

type Painter = (pen: CanvasRenderingContext2D, at: number) => void;

function painted(width: number, height: number, draw: Painter): MediaStream {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  if (pen) {
    const frame = () => draw(pen, performance.now() / 1000);
    frame();
    setInterval(frame, 1000 / FRAMES);
  }
  return canvas.captureStream(FRAMES);
}

function person(pen: CanvasRenderingContext2D, width: number, height: number, hue: number, at: number): void {
  const wall = pen.createLinearGradient(0, 0, width, height);
  wall.addColorStop(0, `oklch(0.72 0.05 ${hue})`);
  wall.addColorStop(1, `oklch(0.42 0.05 ${hue + 30})`);
  pen.fillStyle = wall;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = `oklch(0.9 0.03 ${hue + 60} / 45%)`;
  pen.fillRect(width * 0.08, height * 0.1, width * 0.2, height * 0.4);
  const [x, y, size] = [width * 0.52 + Math.sin(at) * 6, height * 0.42, Math.min(width, height) * 0.2];
  pen.fillStyle = `oklch(0.35 0.06 ${hue + 180})`;
  pen.beginPath();
  pen.ellipse(x, height * 1.06, size * 2.1, height * 0.42, 0, 0, Math.PI * 2);
  pen.fill();
  pen.fillStyle = "oklch(0.72 0.07 55)";
  pen.beginPath();
  pen.ellipse(x, y, size * 0.8, size, 0, 0, Math.PI * 2);
  pen.fill();
  pen.fillStyle = "oklch(0.3 0.03 50)";
  pen.beginPath();
  pen.ellipse(x, y - size * 0.55, size * 0.86, size * 0.62, 0, Math.PI, Math.PI * 2);
  pen.fill();
}
