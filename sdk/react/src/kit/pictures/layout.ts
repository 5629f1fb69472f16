// Where pictures stand and how large they are. Pure.

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Between tiles, in pixels. */
const GAP = 8;
/** Faces may be cropped, but not to a slit: between a phone held upright and a cinema. */
const NARROWEST = 0.75;
const WIDEST = 16 / 9;

/** The shape of most cameras, roughly: what of a tile shows a face. */
const FACE = 4 / 3;

/** How many columns, and which size of tile, show faces largest in a place. */
export function gridShape(count: number, place: Size): Size & { readonly columns: number } {
  let best = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const cell = shaped((place.width - GAP * (columns - 1)) / columns, (place.height - GAP * (rows - 1)) / rows);
    if (faceWidth(cell) > faceWidth(best)) best = { columns, ...cell };
  }
  return best;
}

function faceWidth({ width, height }: Size): number {
  return Math.min(width, height * FACE);
}

function shaped(width: number, height: number): Size {
  if (width <= 0 || height <= 0) return { width: 0, height: 0 };
  if (width / height > WIDEST) return { width: Math.floor(height * WIDEST), height: Math.floor(height) };
  if (width / height < NARROWEST) return { width: Math.floor(width), height: Math.floor(width / NARROWEST) };
  return { width: Math.floor(width), height: Math.floor(height) };
}

/** Where something stands: `left` from where a line begins. */
export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

/** Rows of equal tiles, the last row in the middle. */
export function gridBoxes(count: number, place: Box): readonly Box[] {
  const { columns, width, height } = gridShape(count, place);
  const rows = Math.ceil(count / columns);
  const top = place.top + (place.height - rows * height - (rows - 1) * GAP) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const left = place.left + (place.width - inRow * width - (inRow - 1) * GAP) / 2;
    return {
      left: Math.round(left + (index - row * columns) * (width + GAP)),
      top: Math.round(top + row * (height + GAP)),
      width,
      height,
    };
  });
}

/** Of the place, for the small tiles beside a large one. More of it is taken from the large one. In pixels. */
const STRIP_SHARE = 0.2;
const STRIP = { least: 88, most: 176 };

/** One large tile, and the others in a strip: beside it in a wide place, below it in a high one. */
export function speakerBoxes(count: number, large: number, place: Size): readonly Box[] {
  const { width, height } = place;
  if (count < 2) return [{ left: 0, top: 0, width, height }];
  const isWide = width / Math.max(1, height) > 1.2;
  const depth = Math.round(Math.min(STRIP.most, Math.max(STRIP.least, (isWide ? width : height) * STRIP_SHARE)));
  const rest = Math.max(0, (isWide ? width : height) - depth - GAP);
  const strip = isWide
    ? { left: rest + GAP, top: 0, width: depth, height }
    : { left: 0, top: rest + GAP, width, height: depth };
  const small = [...gridBoxes(count - 1, strip)];
  small.splice(large, 0, { left: 0, top: 0, width: isWide ? rest : width, height: isWide ? height : rest });
  return small;
}

/** A corner of a place, along the line of writing. */
export type Corner = "bottom-end" | "bottom-start" | "top-end" | "top-start";

const AROUND: readonly Corner[] = ["top-end", "bottom-end", "bottom-start", "top-start"];

/** The next one, clockwise where one writes from left to right. */
export function nextCorner(corner: Corner): Corner {
  return AROUND[(AROUND.indexOf(corner) + 1) % AROUND.length] ?? "top-end";
}

/** Where an arrow key leads. @param isMirrored whether one writes from right to left */
export function cornerByKey(corner: Corner, key: string, isMirrored: boolean): Corner | undefined {
  const [vertical, horizontal] = corner.split("-") as ["bottom" | "top", "end" | "start"];
  switch (key) {
    case "ArrowUp":
      return `top-${horizontal}`;
    case "ArrowDown":
      return `bottom-${horizontal}`;
    case "ArrowLeft":
      return `${vertical}-${isMirrored ? "end" : "start"}`;
    case "ArrowRight":
      return `${vertical}-${isMirrored ? "start" : "end"}`;
    default:
      return undefined;
  }
}

/** The corner that is nearest to a point of a place. */
export function nearestCorner(point: { x: number; y: number }, place: Size, isMirrored: boolean): Corner {
  const isLeft = point.x < place.width / 2;
  return `${point.y < place.height / 2 ? "top" : "bottom"}-${isLeft === isMirrored ? "end" : "start"}`;
}
