import axe from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeInChromium, launchChromium } from './chromium.ts';
import { type SandboxProcess, startSandbox } from './sandbox.ts';
import { soon, type Visit, visit } from './visit.ts';

const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

describeInChromium('how the page can be used', { timeout: 90_000 }, () => {
  let sandbox: SandboxProcess;
  let browser: Browser;
  beforeAll(async () => {
    [sandbox, browser] = await Promise.all([startSandbox(), launchChromium()]);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await sandbox?.stop();
  });

  /** A room with a thread, a refusal and buttons in it. */
  async function busyRoom(options: Parameters<typeof visit>[2]): Promise<Visit & { parent: Locator }> {
    const at = await visit(browser, sandbox, options);
    const parent = await at.deploy('hello/topic-branch to staging');
    await at.succeeds(parent);
    await at.type('/deploy helo');
    await at.message('helo').waitFor();
    return { ...at, parent };
  }

  /** What axe calls serious or worse, and where. */
  async function violations(page: Page): Promise<string[]> {
    await page.evaluate(axe.source);
    const found = (await page.evaluate('axe.run()')) as axe.AxeResults;
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
  }

  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    test('axe finds nothing serious: an empty room, a busy one with a thread, a dialog, the world', async () => {
      const empty = await visit(browser, sandbox, { colorScheme });
      expect(await empty.page.evaluate('document.documentElement.dataset.theme')).toBe(colorScheme);
      expect(await violations(empty.page)).toEqual([]);
      // Where nobody ever says anything: the first room is empty for the first of these tests only.
      await empty.enter('random');
      await empty.page.getByText('Nothing in random yet').waitFor();
      expect(await violations(empty.page)).toEqual([]);

      const at = await busyRoom({ colorScheme });
      await at.openThread(at.parent);
      expect(await violations(at.page)).toEqual([]);

      await at.openThread(await at.deploy('hello/red to staging'));
      await at.thread.getByRole('button', { name: /force|anyway|without/i }).click();
      await at.page.getByRole('dialog').waitFor();
      expect(await violations(at.page)).toEqual([]);
      await at.page.keyboard.press('Escape');

      await at.go('World');
      await at.page.getByRole('region', { name: 'Deployments' }).locator('summary').first().click();
      expect(await violations(at.page)).toEqual([]);
    });

    test('axe finds nothing serious at phone width', async () => {
      const at = await visit(browser, sandbox, { ...phone, colorScheme });
      expect(await violations(at.page)).toEqual([]);
      await at.page.getByRole('link', { name: 'All rooms' }).click();
      await at.page.getByRole('navigation', { name: 'Rooms and people' }).waitFor();
      expect(await violations(at.page)).toEqual([]);
      await at.go('World');
      await at.page.getByRole('main', { name: 'World' }).waitFor();
      expect(await violations(at.page)).toEqual([]);
    });
  });

  test('the colours are the system’s until somebody says otherwise', async () => {
    const { page } = await visit(browser, sandbox, { colorScheme: 'light' });
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    await soon(ground).not.toBe(light);
    await page.getByRole('button', { name: 'Light colours' }).click();
    await soon(ground).toBe(light);
    await page.reload();
    await page.getByRole('button', { name: 'Dark colours' }).waitFor();
    expect(await ground()).toBe(light);
  });

  test('on a phone there is one pane at a time, with a way back, and nothing sticks out', async () => {
    const at = await visit(browser, sandbox, phone);
    const { page } = at;
    const rail = page.getByRole('navigation', { name: 'Rooms and people' });
    const room = page.getByRole('main');
    const sticksOut = () => page.evaluate('document.documentElement.scrollWidth > innerWidth');
    await soon(async () => [await rail.isVisible(), await room.isVisible()]).toEqual([false, true]);
    const parent = await at.deploy('hello/main to review');
    await soon(() => parent.textContent()).toContain('Success after');
    expect(await sticksOut()).toBe(false);

    await at.openThread(parent);
    await soon(async () => [await room.isVisible(), await at.thread.isVisible()]).toEqual([false, true]);
    // The line that calls ann is read here: were it to come while the list is there, a number would stand at the room.
    await at.ending.getByRole('link', { name: 'Open review' }).waitFor();
    expect(await sticksOut()).toBe(false);
    await at.thread.getByRole('button', { name: 'Back to the room' }).click();
    await soon(async () => [await room.isVisible(), await at.thread.isVisible()]).toEqual([true, false]);

    await page.getByRole('link', { name: 'All rooms' }).click();
    await soon(async () => [await rail.isVisible(), await room.isVisible()]).toEqual([true, false]);
    // What comes while the list is on the screen is news, in the first room too.
    const other = await visit(browser, sandbox);
    await other.be('bob');
    await other.type('anybody there?');
    await rail.getByRole('link', { name: 'deploys (unread)' }).waitFor();
    await rail.getByRole('link', { name: 'random' }).click();
    await page.getByRole('heading', { name: 'random' }).waitFor();
    await page.goBack();
    await soon(() => rail.isVisible()).toBe(true);

    await at.go('World');
    await page.getByRole('button', { name: 'Push a commit to main' }).first().waitFor();
    expect(await sticksOut()).toBe(false);
  });

  test('everything can be done with the keyboard alone', async () => {
    const { page, newMessage, succeeds, thread } = await visit(browser, sandbox);
    const press = (...keys: string[]) =>
      keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
    const focused = () =>
      page.evaluate('document.activeElement.textContent || document.activeElement.id') as Promise<string>;
    const box = () => page.locator('#box').inputValue();
    const tabTo = async (what: RegExp, key = 'Tab') => {
      for (let steps = 0; steps < 60 && !what.test(await focused()); steps += 1) await press(key);
      expect(await focused()).toMatch(what);
      expect(await page.evaluate('document.activeElement.matches(":focus-visible")')).toBe(true);
    };
    await press('Tab');
    expect(await focused()).toBe('To the message box');
    await press('Enter');
    expect(await focused()).toBe('box');
    await page.keyboard.type('/deploy hello/v1.0.0 to staging');
    await press('Shift+Enter');
    await soon(box).toBe('/deploy hello/v1.0.0 to staging\n');
    const parent = await newMessage('hello/v1.0.0 to staging', () => press('Enter'));
    await succeeds(parent);
    expect(await focused()).toBe('box');
    await press('ArrowUp');
    await soon(box).toBe('/deploy hello/v1.0.0 to staging');
    await press('ArrowDown');
    await soon(box).toBe('');

    await tabTo(/repl(y|ies)/, 'Shift+Tab');
    await press('Enter');
    await soon(focused).toBe('thread-box');
    await press('Escape');
    await soon(() => thread.count()).toBe(0);
    await soon(focused).toMatch(/repl(y|ies)/);

    await tabTo(/^World/, 'Shift+Tab');
    await press('Enter');
    await page.getByRole('main', { name: 'World' }).waitFor();
    await tabTo(/^ci\/janky/);
    await press('Space');
    await soon(() => page.locator('.pill.failure').count()).toBeGreaterThan(1);
    await soon(() => page.evaluate('document.activeElement.className')).toBe('pill failure');
    await press('Space');
    await soon(() => page.evaluate('document.activeElement.className')).toBe('pill success');
  });

  test('new messages are announced, and a press does not take the focus away', async () => {
    const at = await visit(browser, sandbox);
    const log = at.page.getByRole('log', { name: /Messages/ });
    expect(await log.getAttribute('aria-live')).toBe('polite');
    await at.type('/deploy help');
    await log.getByText('Only visible to you').last().waitFor();
    expect(await at.page.evaluate('document.activeElement.id')).toBe('box');
  });
});
