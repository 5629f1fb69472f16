// Where pictures stand and how large they are: as large as possible, one or a few of them above the others if asked.

const RATIO = 16 / 9;
/** Of the width, for the own picture in the corner of the other's. */
const CORNER_SHARE = 0.24;
const CORNER = { least: 96, most: 208 };
/** Of the height, for the row of small pictures below a large one. */
const STRIP_SHARE = 0.22;
const STRIP_MOST = 150;

/**
 * @typedef {{width: number, height: number}} Size
 *
 * The largest size at which so many tiles fit.
 * @param {number} count of tiles
 * @param {Size} place in pixels
 * @param {number} gap between tiles
 * @returns {Size}
 */
export function grid(count, place, gap) {
  let best = { width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const widest = (place.width - gap * (columns - 1)) / columns;
    const highest = (place.height - gap * (rows - 1)) / rows;
    const width = Math.floor(Math.min(widest, highest * RATIO));
    if (width > best.width) best = { width, height: Math.floor(width / RATIO) };
  }
  return best;
}

/**
 * Of two people: the other fills the place, the own picture stands in its corner.
 * @param {Size} place
 * @returns {{large: Size, small: Size}}
 */
export function pair(place) {
  const width = Math.round(Math.min(CORNER.most, Math.max(CORNER.least, place.width * CORNER_SHARE)));
  return { large: place, small: { width, height: Math.round(width / RATIO) } };
}

/**
 * The sizes of those in the light and of the others.
 * @param {{large: number, small: number}} counts
 * @param {Size} place
 * @param {number} gap
 * @returns {{large: Size, small: Size}}
 */
export function spotlight({ large, small }, place, gap) {
  if (large === 0) return { large: { width: 0, height: 0 }, small: grid(small, place, gap) };
  if (small === 0) return { large: grid(large, place, gap), small: { width: 0, height: 0 } };
  const strip = { width: place.width, height: Math.min(STRIP_MOST, place.height * STRIP_SHARE) };
  const rest = { width: place.width, height: place.height - strip.height - gap };
  return { large: grid(large, rest, gap), small: grid(small, strip, gap) };
}
