/**
 * Aborts when `signal` does, or after so many ms. Node's `AbortSignal.any` does not keep alive what it follows: a timeout
 * that nobody else listens to is collected, and then never comes (nodejs/node issue 57736).
 */
export function within(ms: number, signal: AbortSignal): AbortSignal {
  const limit = AbortSignal.timeout(ms);
  limit.addEventListener('abort', () => {});
  return AbortSignal.any([signal, limit]);
}
