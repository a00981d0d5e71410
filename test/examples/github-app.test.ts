import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { describeInChromium, launchChromium } from '../browser/chromium.ts';

const root = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/github-app.md'), 'utf8');
const html = path.join(root, 'examples/github-app.html');
const manifest = JSON.parse(
  /<script id="permissions" type="application\/json">([\s\S]*?)<\/script>/.exec(readFileSync(html, 'utf8'))?.[1] ?? '',
) as { default_permissions: Record<string, string>; default_events: string[]; [key: string]: unknown };

test('asks for permissions that GitHub has', () => {
  const openapi = path.join(root, 'test/fixtures/github/openapi-beside-deployments.json');
  const { properties } = JSON.parse(readFileSync(openapi, 'utf8')).components.schemas['app-permissions'] as {
    properties: Record<string, { enum: string[] }>;
  };
  for (const [name, access] of Object.entries(manifest.default_permissions)) {
    expect(properties[name]?.enum).toContain(access);
  }
});

test('subscribes to what the bot takes, and to nothing else', () => {
  const taken = readFileSync(path.join(root, 'src/github/webhooks.ts'), 'utf8').matchAll(/case '(\w+)':/g);
  expect(new Set(manifest.default_events)).toEqual(new Set([...taken].map(([, event]) => event)));
});

test('the link, the form and the table say the same', () => {
  const url = new URL(
    /https:\/\/github\.com\/organizations\/ORGANISATION\/settings\/apps\/new\?\S+/.exec(page)?.[0] ?? '',
  );
  const asked = Object.fromEntries([...url.searchParams].filter(([, value]) => value === 'read' || value === 'write'));
  expect(asked).toEqual(manifest.default_permissions);
  expect(url.searchParams.getAll('events[]')).toEqual(manifest.default_events);
  expect(url.searchParams.get('webhook_url')).toMatch(/\/github\/webhooks$/);
  expect(url.searchParams.get('public')).toBe(String(manifest.public));
  const table = [...page.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, name, access]) => [name, access]);
  expect(Object.fromEntries(table)).toEqual(manifest.default_permissions);
});

/** The scripts of the page, run as they stand there. */
const script = (start: string) =>
  [...page.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)]
    .map(([, text = '']) => text)
    .find((text) => text.includes(start)) ?? '';

test.each(['app-manifests/CODE', 'awk '])(
  'what %j writes into the file of variables is a key that the bot reads',
  (start) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'github-app-'));
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    writeFileSync(path.join(folder, 'deckhand.2026.pem'), pem);
    writeFileSync(
      path.join(folder, 'answer.json'),
      JSON.stringify({ id: 7, pem, webhook_secret: 'w', html_url: 'https://g' }),
    );
    // GitHub's answer, in the place of the request for it.
    mkdirSync(path.join(folder, 'bin'));
    writeFileSync(path.join(folder, 'bin/curl'), '#!/bin/sh\ncat answer.json\n', { mode: 0o755 });
    const programs = `${path.join(folder, 'bin')}:${path.dirname(process.execPath)}:${process.env.PATH}`;
    const run = (program: string, args: string[]) =>
      execFileSync(program, args, { cwd: folder, env: { PATH: programs }, stdio: 'pipe', encoding: 'utf8' });
    run('bash', ['-e', '-c', script(start)]);
    const print = 'console.log(JSON.stringify(process.env))';
    const byNode = run(process.execPath, ['--env-file=deckhand.env', '-e', print]);
    const byShell = run('bash', ['-e', '-c', `set -a; . ./deckhand.env; "${process.execPath}" -e '${print}'`]);
    writeFileSync(path.join(folder, 'apps.yml'), 'apps: { hello: { repository: acme/hello } }');
    const rest = {
      GITHUB_APP_ID: '7',
      GITHUB_WEBHOOK_SECRET: 'w',
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_SIGNING_SECRET: 's',
    };
    for (const variables of [byNode, byShell]) {
      const { github } = readConfig({ ...rest, ...JSON.parse(variables) }, folder);
      expect(github).toMatchObject({ auth: { kind: 'app', id: '7' }, webhookSecrets: ['w'] });
    }
    rmSync(folder, { recursive: true });
  },
);

describeInChromium('the form', () => {
  test('sends the manifest to GitHub, for an organisation or for oneself', async () => {
    const posted: { url?: string; manifest: unknown }[] = [];
    const server = createServer(async (request, response) => {
      const body = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
      if (request.method === 'POST')
        posted.push({ url: request.url, manifest: JSON.parse(body.get('manifest') ?? '') });
      response.end('GitHub');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const github = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const browser = await launchChromium();
    const tab = await browser.newPage();
    for (const organisation of ['acme', '']) {
      await tab.goto(pathToFileURL(html).href);
      await tab.getByLabel(/where it is not github.com/).fill(github);
      await tab.getByLabel(/Organisation/).fill(organisation);
      await tab.getByLabel(/will be reached/).fill('https://deckhand.acme.test/');
      await tab.getByRole('button').click();
      await tab.getByText('GitHub', { exact: true }).waitFor();
    }
    await browser.close();
    await new Promise((resolve) => server.close(resolve));
    const hook = { url: 'https://deckhand.acme.test/github/webhooks' };
    const sent = { ...manifest, url: 'https://deckhand.acme.test', hook_attributes: hook };
    expect(posted).toEqual([
      { url: '/organizations/acme/settings/apps/new', manifest: sent },
      { url: '/settings/apps/new', manifest: sent },
    ]);
  });
});
