/** Lets so many calls be under way at once, the others wait for their turn, in order. */
export function turnstile(room: number): <T>(call: () => Promise<T>) => Promise<T> {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async (call) => {
    if (inside < room) inside++;
    else await new Promise<void>((enter) => waiting.push(enter));
    try {
      return await call();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else inside--;
    }
  };
}
