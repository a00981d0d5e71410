import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const pages = [
  'README.md',
  ...['docs', 'examples'].flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];
const text = (page: string) => readFileSync(path.join(root, page), 'utf8');

/** As GitHub makes the anchor of a heading. */
const anchors = (page: string) =>
  [...text(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each(pages)('every link of %s leads somewhere', (page) => {
  const prose = text(page).replace(/^ *```[\s\S]*?^ *```/gm, '');
  for (const [, link = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(link)) continue;
    const [file = '', anchor] = link.split('#');
    const target = path.normalize(path.join(path.dirname(page), file || path.basename(page)));
    expect(existsSync(path.join(root, target)), link).toBe(true);
    if (anchor !== undefined) expect(anchors(target), link).toContain(anchor);
  }
});

test('every script in them can be read by a shell', () => {
  const scripts = pages.flatMap((page) => [...text(page).matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)]);
  expect(scripts.length).toBeGreaterThan(2);
  for (const [, script = ''] of scripts) execFileSync('bash', ['-n', '-c', script]);
});
