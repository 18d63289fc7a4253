/** Paints; says whether there is more to do without new data. */
export type FrameTask = (now: number) => boolean;

/** The page's one animation loop. It rests when no task has anything to do, and while the page is hidden. */
export class FrameLoop {
  private readonly tasks = new Set<FrameTask>();
  private handle = 0;

  add(task: FrameTask): () => void {
    this.tasks.add(task);
    this.wake();
    return () => this.tasks.delete(task);
  }

  /** There is something to do. */
  wake(): void {
    if (this.handle === 0 && this.tasks.size > 0) this.handle = requestAnimationFrame(this.turn);
  }

  private readonly turn = (now: number): void => {
    this.handle = 0;
    let more = false;
    for (const task of this.tasks) more = task(now) || more;
    if (more) this.wake();
  };
}

/** The loop of this page. */
export const loop = new FrameLoop();
