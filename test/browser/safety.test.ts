import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { describeInChromium, launchChromium, strangeHost } from './chromium.ts';
import { type SandboxProcess, startSandbox } from './sandbox.ts';
import { visit } from './visit.ts';

describeInChromium('other pages and the sandbox', { timeout: 60_000 }, () => {
  let sandbox: SandboxProcess;
  let browser: Browser;
  let other: Server;
  beforeAll(async () => {
    [sandbox, browser] = await Promise.all([startSandbox(), launchChromium()]);
    other = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>elsewhere</title>');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await sandbox?.stop();
    other?.close();
  });

  async function pageAt(address: string) {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const answer = await page.goto(address);
    return { page, status: answer?.status() };
  }

  test('without the link’s token the page shows nothing and says where the link is', async () => {
    const { page } = await pageAt(sandbox.link.replace(/#.*/, ''));
    await page.getByText('Open the link that the sandbox printed').waitFor();
    expect(await page.getByRole('textbox').count()).toBe(0);
    const { page: wrong } = await pageAt(sandbox.link.replace(/key=.*/, 'key=wrong'));
    await wrong.getByText('Open the link that the sandbox printed').waitFor();
  });

  test('a name that leads to this machine does not lead to the page', async () => {
    const { page, status } = await pageAt(sandbox.link.replace('127.0.0.1', strangeHost));
    expect(status).toBe(403);
    expect(await page.content()).not.toContain('main.js');
  });

  test('another page can neither ask nor frame it, even with the token', async () => {
    const { page } = await pageAt(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    const { origin, hash } = new URL(sandbox.link);
    const headers = { authorization: `Bearer ${hash.replace('#key=', '')}` };
    const body = JSON.stringify({ do: 'say', person: 'U0ANN', room: 'C0RANDOM', text: 'from elsewhere' });
    const attempts = [
      { method: 'POST', headers, body },
      { method: 'POST', headers, body, mode: 'no-cors' },
      { method: 'POST', body, mode: 'no-cors' },
    ];
    for (const attempt of attempts) {
      const run = `fetch(${JSON.stringify(`${origin}/api/act`)}, ${JSON.stringify(attempt)}).then((a) => a.status, () => 'refused')`;
      expect(['refused', 0]).toContain(await page.evaluate(run));
    }
    expect(await page.evaluate(`fetch(${JSON.stringify(`${origin}/`)}).then((a) => a.status, () => 'refused')`)).toBe(
      'refused',
    );
    const framed = `new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.onload = () => resolve(frame.contentDocument === null);
      frame.src = ${JSON.stringify(`${origin}/`)};
      document.body.append(frame);
    })`;
    await page.evaluate(framed);
    const frame = page.frames().find((one) => one !== page.mainFrame());
    expect(await frame?.locator('#page').count()).toBe(0);

    const at = await visit(browser, sandbox);
    await at.page.getByRole('link', { name: 'random' }).click();
    await at.page.getByText('Nothing in random yet').waitFor();
  });
});
