/** GitHub's way of saying that a repository was renamed or transferred: the same request goes to the new address. */
const redirects = new Set([301, 302, 307, 308]);
const mostHops = 5;

/**
 * A `fetch` that never takes a token to another host: redirects are followed on the same origin only, with the method and
 * body that they came with (a POST that was redirected was not performed). Others are handed back as they are.
 *
 * `fetch` itself would turn the POST of a 301 into a GET, and so a creation into a listing.
 */
export function stayOn(origin: string, fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    let url = new URL(String(input));
    if (url.origin !== origin) throw new Error('A request for another host was about to be sent with this token.');
    for (let hop = 0; ; hop++) {
      const response = await fetch(url.href, { ...init, redirect: 'manual' });
      const location = redirects.has(response.status) ? response.headers.get('location') : null;
      if (!location || hop === mostHops || !URL.canParse(location, url.href)) return response;
      const next = new URL(location, url);
      if (next.origin !== origin) return response;
      await response.body?.cancel();
      url = next;
    }
  };
}
