/** Makes the ids of one workspace: unique, in Slack's form, and the same in every run. */
export function createIds(now: () => Date) {
  let lastMicroseconds = 0n;
  let lastNumber = 0;

  return {
    /**
     * The next message timestamp, such as `1718000000.000100`: a string, unique in the workspace, and later than
     * all before it also when the clock stands still or goes back.
     */
    nextTs(): string {
      const thisSecond = BigInt(Math.floor(now().getTime() / 1000)) * 1_000_000n + 100n;
      lastMicroseconds = lastMicroseconds < thisSecond ? thisSecond : lastMicroseconds + 100n;
      const seconds = lastMicroseconds / 1_000_000n;
      return `${seconds}.${String(lastMicroseconds % 1_000_000n).padStart(6, '0')}`;
    },

    /** The next id with Slack's letter in front, such as `C0SANDBOX1`. */
    nextId(prefix: string): string {
      lastNumber += 1;
      return `${prefix}0SANDBOX${lastNumber}`;
    },
  };
}
