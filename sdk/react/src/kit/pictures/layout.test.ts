import { describe, expect, it } from "vitest";
import { type Box, cornerByKey, gridBoxes, gridShape, nearestCorner, nextCorner, speakerBoxes } from "./layout.js";

const WIDE = { width: 1280, height: 640 };
const HIGH = { width: 390, height: 640 };

describe("a grid", () => {
  it("chooses the columns that show faces largest", () => {
    expect(gridShape(2, WIDE).columns).toBe(2);
    expect(gridShape(2, HIGH).columns).toBe(1);
    expect(gridShape(4, WIDE).columns).toBe(2);
    expect(gridShape(6, WIDE).columns).toBe(3);
    expect(gridShape(10, WIDE).columns).toBe(4);
  });

  it("keeps every tile inside its place, apart from the others, whatever the place", () => {
    for (const place of [WIDE, HIGH, { width: 200, height: 90 }, { width: 3000, height: 200 }])
      for (let count = 1; count <= 12; count += 1) {
        const boxes = gridBoxes(count, { left: 0, top: 0, ...place });
        expect(boxes).toHaveLength(count);
        for (const box of boxes) expect(isInside(box, place), `${count} in ${place.width}×${place.height}`).toBe(true);
        expect(boxes.some((one) => boxes.some((other) => one !== other && overlap(one, other)))).toBe(false);
      }
  });

  it("has a last row in the middle", () => {
    const [, , last] = gridBoxes(3, { left: 0, top: 0, width: 808, height: 608 });
    expect(last && last.left + last.width / 2).toBeCloseTo(404, -1);
  });

  it("of no room is of no size", () => {
    expect(gridShape(3, { width: 0, height: 0 })).toEqual({ columns: 1, width: 0, height: 0 });
  });
});

describe("one large tile", () => {
  it("has the others beside it in a wide place, and below it in a high one", () => {
    const [first, large] = speakerBoxes(4, 1, WIDE);
    expect(large).toMatchObject({ left: 0, top: 0, height: 640 });
    expect(first && large && first.left >= large.width).toBe(true);
    const [high, below] = speakerBoxes(4, 0, HIGH);
    expect(high?.width).toBe(390);
    expect(below && high && below.top >= high.height).toBe(true);
  });

  it("keeps the order of tiles, and fills the place when it is alone", () => {
    expect(speakerBoxes(5, 2, WIDE)).toHaveLength(5);
    expect(speakerBoxes(1, 0, WIDE)).toEqual([{ left: 0, top: 0, ...WIDE }]);
  });
});

describe("the own picture", () => {
  it("goes round all corners by presses", () => {
    let corner = nextCorner("top-end");
    const seen = [corner];
    while (corner !== "top-end") seen.push((corner = nextCorner(corner)));
    expect(seen).toEqual(["bottom-end", "bottom-start", "top-start", "top-end"]);
  });

  it("follows arrows and the hand as they are seen, in both directions of writing", () => {
    expect(cornerByKey("top-end", "ArrowLeft", false)).toBe("top-start");
    expect(cornerByKey("top-end", "ArrowLeft", true)).toBe("top-end");
    expect(cornerByKey("top-end", "ArrowDown", false)).toBe("bottom-end");
    expect(cornerByKey("top-end", "a", false)).toBeUndefined();
    expect(nearestCorner({ x: 10, y: 10 }, WIDE, false)).toBe("top-start");
    expect(nearestCorner({ x: 10, y: 600 }, WIDE, true)).toBe("bottom-end");
  });
});

function isInside({ left, top, width, height }: Box, place: { width: number; height: number }): boolean {
  return left >= -1 && top >= -1 && left + width <= place.width + 1 && top + height <= place.height + 1;
}

function overlap(one: Box, other: Box): boolean {
  const [across, down] = [one.left < other.left + other.width, one.top < other.top + other.height];
  return across && down && other.left < one.left + one.width && other.top < one.top + one.height;
}
