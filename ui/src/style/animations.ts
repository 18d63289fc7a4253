// All flashing in one phase.

/**
 * Starts every flash at zero of the page's time line: a wall where each alert blinks at its own moment tires the eye and
 * looks like many things happening. Returns what undoes it.
 */
export function lockPhases(root: Document): () => void {
  const lock = (event: AnimationEvent): void => {
    if (!event.animationName.startsWith("flash-")) return;
    for (const animation of (event.target as Element).getAnimations()) animation.startTime = 0;
  };
  root.addEventListener("animationstart", lock);
  return () => root.removeEventListener("animationstart", lock);
}
