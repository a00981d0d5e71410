export type UnderWay = ReturnType<typeof workUnderWay>;

/** Knows what has been begun and has not ended yet. */
export function workUnderWay() {
  const all = new Set<Promise<unknown>>();
  return {
    /** Counts it until it ends, well or not. */
    track<T>(work: Promise<T>): Promise<T> {
      all.add(work);
      const done = () => all.delete(work);
      work.then(done, done);
      return work;
    },
    isNone: (): boolean => all.size === 0,
    /** Resolves as soon as nothing is under way. */
    async ended(): Promise<void> {
      while (all.size > 0) await Promise.allSettled(all);
    },
  };
}
