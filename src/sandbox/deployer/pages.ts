import type { Announcement } from './announcement.ts';

const style = `
:root { --paper: #fbfaf8; --ink: #1d1d22; --soft: #6a6a72; --line: #e3e1dc; --link: #2458c5; color-scheme: light dark;
  font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
@media (prefers-color-scheme: dark) {
  :root { --paper: #16161a; --ink: #ececf1; --soft: #9a9aa5; --line: #303038; --link: #8db4ff } }
body { max-width: 60rem; margin: 2.5rem auto; padding: 0 1.25rem }
h1 { font-size: 1.3rem; margin: 0 0 .25rem } p { color: var(--soft); margin: .25rem 0 1rem }
a { color: var(--link) } li { margin: .2rem 0 } code, pre { font-family: ui-monospace, monospace; font-size: .88rem }
pre { padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; overflow-x: auto; white-space: pre-wrap }
`;

/** Text as HTML: what scripts print and branches are called must not become markup. */
export function escapeHtml(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/g, (sign) => names[sign] as string);
}

/** A page up to its content; the rest may be written as it comes. */
export function pageStart(title: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style></head><body>
<h1>${escapeHtml(title)}</h1>
`;
}

export function page(title: string, body: string): string {
  return `${pageStart(title)}${body}</body></html>\n`;
}

/** A folder's files as links, for what is deployed without an index.html. */
export function listingPage(what: Announcement, place: string, entries: { name: string; isFolder: boolean }[]): string {
  const links = entries.map((entry) => {
    const name = `${entry.name}${entry.isFolder ? '/' : ''}`;
    const target = `./${encodeURIComponent(entry.name)}${entry.isFolder ? '/' : ''}`;
    return `<li><a href="${escapeHtml(target)}">${escapeHtml(name)}</a></li>`;
  });
  const title = `${what.app} on ${what.environment}${place ? ` · ${place}` : ''}`;
  return page(title, `<p>${escapeHtml(what.ref)} at <code>${what.sha}</code></p><ul>${links.join('')}</ul>`);
}

/** What is live where, and the logs: the deployer's front page. */
export function overviewPage(
  live: { url: string; what: Announcement }[],
  logs: { url: string; what: Announcement; outcome: string }[],
): string {
  const places = live.map(
    ({ url, what }) =>
      `<li><a href="${escapeHtml(url)}">${escapeHtml(`${what.app} on ${what.environment}`)}</a>: ${escapeHtml(what.ref)} <code>${what.sha.slice(0, 7)}</code></li>`,
  );
  const runs = logs.map(
    ({ url, what, outcome }) =>
      `<li><a href="${escapeHtml(url)}">${escapeHtml(`Deployment ${what.id}`)}</a>: ${escapeHtml(`${what.ref} to ${what.environment}, ${outcome}`)}</li>`,
  );
  return page(
    'The sandbox’s deployer',
    `<p>Live now</p><ul>${places.join('') || '<li>nothing yet</li>'}</ul><p>Deployments</p><ul>${runs.join('') || '<li>none yet</li>'}</ul>`,
  );
}
