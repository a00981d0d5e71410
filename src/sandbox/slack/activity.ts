/** Keeps count of what is going on, so that one can wait until nothing is. */
export function createActivity() {
  let underWay = 0;
  let quietSince = performance.now();

  return {
    /** Something begins. The returned function says that it has ended; more than once does no harm. */
    begin(): () => void {
      underWay += 1;
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        underWay -= 1;
        quietSince = performance.now();
      };
    },

    /** Resolves when nothing has been under way for `ms` milliseconds. */
    async quiet(ms: number): Promise<void> {
      for (;;) {
        const rest = underWay > 0 ? 5 : quietSince + ms - performance.now();
        if (rest <= 0) return;
        await new Promise((resolve) => setTimeout(resolve, rest));
      }
    },
  };
}
