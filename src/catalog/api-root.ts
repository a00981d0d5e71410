const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** GitHub's own. */
export const publicApiRoot = 'https://api.github.com';

/** Whether requests to it stay on this machine, so that http is no danger. */
export const isLoopback = (url: URL): boolean => loopback.test(url.hostname);

/**
 * The root of a REST API without a slash at its end, or what is wrong with it as the end of a sentence. The sentence
 * never has the text in it: a URL may carry a password.
 */
export function apiRoot(text: string): { url: string } | { wrong: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    return { wrong: `must be a URL: ${publicApiRoot}, or https://HOST/api/v3 for GitHub Enterprise Server` };
  }
  if (url.username || url.password)
    return { wrong: 'must not carry a user or password: tokens are given on their own' };
  if (url.search || url.hash) return { wrong: 'must be a root, without ? or #' };
  if (url.protocol === 'http:' && !isLoopback(url))
    return { wrong: 'must begin with https:// (a token is sent there)' };
  if (/^(www\.)?github\.com$/.test(url.hostname)) return { wrong: `is the web site: the API is at ${publicApiRoot}` };
  const isBareHost = url.pathname === '/' && !url.hostname.startsWith('api.') && !isLoopback(url);
  if (isBareHost) return { wrong: 'is a bare host: GitHub Enterprise Server answers at https://HOST/api/v3' };
  return { url: url.href.replace(/\/+$/, '') };
}
