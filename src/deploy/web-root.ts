/**
 * Where people read what an API root serves: github.com, a tenant of ghe.com, or GitHub Enterprise Server. Nothing for
 * other hosts.
 */
export function webRoot(apiUrl = 'https://api.github.com'): string | undefined {
  if (!URL.canParse(apiUrl)) return undefined;
  const { protocol, host, pathname } = new URL(apiUrl);
  if (host === 'api.github.com') return 'https://github.com';
  if (/^api\.[^.]+\.ghe\.com$/.test(host)) return `${protocol}//${host.slice('api.'.length)}`;
  return /^\/api\/v3\/?$/.test(pathname) ? `${protocol}//${host}` : undefined;
}
