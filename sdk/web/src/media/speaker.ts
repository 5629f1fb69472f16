// Which loudspeaker plays an element.

/**
 * Plays an element's sound through a device; absent or `""` for the system's choice.
 * @returns whether it does: some browsers leave the choice to the system, and devices are unplugged
 */
export async function playOn(element: HTMLMediaElement, device: string | undefined): Promise<boolean> {
  const { setSinkId, sinkId = "" } = element as Partial<HTMLMediaElement>;
  const wanted = device ?? "";
  if (sinkId === wanted) return true;
  try {
    await setSinkId?.call(element, wanted);
    return setSinkId !== undefined;
  } catch {
    return false;
  }
}
