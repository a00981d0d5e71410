/** Jobs of which only so many run at once; the others wait their turn, in the order of coming. */
export interface Turns {
  /** Resolves, or rejects, as the job does. */
  take(job: () => Promise<void>): Promise<void>;
}

export function createTurns(atOnce: number): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async take(job) {
      if (running >= atOnce) await new Promise<void>((go) => waiting.push(go));
      else running += 1;
      try {
        await job();
      } finally {
        // The place is handed over rather than given up, so that nobody who comes just now gets in between.
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
}
