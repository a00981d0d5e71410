/** One request to GitHub that arrives, or is answered, only when the test says so. Who asks may give up before that. */
export interface Late {
  /** What the bot asks with. */
  fetch: typeof fetch;
  /** Whether it is kept by now. */
  readonly isKept: boolean;
  letGo(): void;
}

/** Keeps the first request of that method and path, or the answer to it. */
export function late(what: 'the request' | 'the answer', which: { method: string; path: RegExp }): Late {
  let letGo = () => {};
  const isFree = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isTaken = false;
  let isKept = false;

  async function keep(): Promise<void> {
    isKept = true;
    await isFree;
    isKept = false;
  }

  async function asked(input: Parameters<typeof fetch>[0], init: RequestInit): Promise<Response> {
    if (what === 'the request') await keep();
    const answer = await fetch(input, init);
    if (what === 'the answer') await keep();
    return answer;
  }

  return {
    async fetch(input, init) {
      const isIt = init?.method === which.method && which.path.test(new URL(String(input)).pathname);
      if (!isIt || isTaken) return fetch(input, init);
      isTaken = true;
      const { signal, ...others } = init;
      return Promise.race([asked(input, others), ...(signal ? [aborted(signal)] : [])]);
    },
    get isKept() {
      return isKept;
    },
    letGo: () => letGo(),
  };
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
