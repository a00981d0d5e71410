import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { layCable } from './cable.ts';
import { describeInChromium, launchChromium } from './chromium.ts';
import { type SandboxProcess, startSandbox } from './sandbox.ts';
import { soon, visit } from './visit.ts';

describeInChromium('the chat in a browser', { timeout: 90_000 }, () => {
  let sandbox: SandboxProcess;
  let browser: Browser;
  beforeAll(async () => {
    [sandbox, browser] = await Promise.all([startSandbox(), launchChromium()]);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await sandbox?.stop();
  });

  // First: the card is there as long as nothing was said.
  test('the first visit says what to type, and one press sends it', async () => {
    const { page, newMessage, succeeds, openThread, thread, complaints } = await visit(browser, sandbox);
    expect(page.url()).not.toContain('key=');
    const card = page.getByRole('region', { name: 'Deploy something' });
    await card.getByText('/deploy hello/topic-branch to staging').waitFor();
    const parent = await newMessage('hello/topic-branch to staging', () =>
      card.getByRole('button', { name: 'Send it' }).click(),
    );
    await openThread(parent);
    await soon(() => thread.getByRole('article').nth(1).textContent()).toContain('Queued');
    await succeeds(parent);
    expect(complaints).toEqual([]);
  });

  test('a typed command becomes a message that follows its deployment, and a thread that ends with the page', async () => {
    const { page, deploy, succeeds, openThread, thread } = await visit(browser, sandbox);
    const parent = await deploy('hello/main to review');
    await succeeds(parent);
    await openThread(parent);
    const lines = thread.getByRole('article');
    await soon(() => lines.count()).toBe(4);
    expect(await lines.nth(3).textContent()).toMatch(/@ann.*success/);
    expect(await lines.nth(3).locator('.mention.me').textContent()).toBe('@ann');

    const link = lines.nth(3).getByRole('link', { name: 'Open review' });
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
    const [deployed] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
    await deployed.waitForLoadState();
    expect(await deployed.getByRole('heading', { level: 1 }).textContent()).toBe('Hello from main');
    // The page that was opened does not learn the address of this one, and can't reach it.
    expect(await deployed.evaluate('[document.referrer, String(window.opener)]')).toEqual(['', 'null']);
  });

  test('a refusal is seen by one person alone, can be put away, and is gone after a reload', async () => {
    const { page, type, message, be } = await visit(browser, sandbox);
    await type('/deploy helo/main');
    const refusal = message('helo');
    await refusal.getByText('Only visible to you').waitFor();
    await be('bob');
    await soon(() => refusal.count()).toBe(0);
    await be('ann');
    await refusal.waitFor();
    await refusal.getByRole('button', { name: 'Dismiss message' }).click();
    await soon(() => refusal.count()).toBe(0);

    await type('/deploy helo/topic-branch');
    await refusal.waitFor();
    await type('said to all');
    await message('said to all').waitFor();
    await page.reload();
    await message('said to all').waitFor();
    expect(await refusal.count()).toBe(0);
  });

  test('a guest may not deploy', async () => {
    const { type, message, be } = await visit(browser, sandbox);
    await be('gus');
    await type('/deploy hello to staging');
    const refusal = message('Only visible to you');
    await refusal.waitFor();
    expect(await refusal.textContent()).toMatch(/guest/i);
    expect(await message('gus is deploying').count()).toBe(0);
  });

  test('production without being named waits for a button', async () => {
    const { deploy, newMessage, succeeds, openThread, thread } = await visit(browser, sandbox);
    const asking = await deploy('handbook', 'handbook has no default');
    const parent = await newMessage('handbook/main to production', () =>
      asking.getByRole('button', { name: 'Deploy to production' }).click(),
    );
    await succeeds(parent);
    await soon(() => asking.count()).toBe(0);
    await openThread(parent);
    await thread.getByRole('link', { name: 'Open production' }).first().waitFor();
  });

  test('a button that is dangerous asks in a dialog first: Escape and the other button leave it', async () => {
    const { page, deploy, newMessage, message, succeeds, openThread, thread } = await visit(browser, sandbox);
    await openThread(await deploy('hello/red to staging'));
    const force = thread.getByRole('button', { name: /force|anyway|without/i }).first();
    await force.click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain('hello/red');
    expect(await page.evaluate('document.activeElement.closest("dialog") !== null')).toBe(true);
    await page.keyboard.press('Escape');
    await soon(() => dialog.count()).toBe(0);
    await soon(() => page.evaluate('document.activeElement.className')).toContain('button');
    expect(await thread.isVisible()).toBe(true);
    await force.click();
    await dialog.getByRole('button').first().click();
    await soon(() => dialog.count()).toBe(0);
    expect(await message('hello/red to staging').filter({ hasText: 'Forced' }).count()).toBe(0);

    await force.click();
    const forced = await newMessage('hello/red to staging', () => dialog.getByRole('button').last().click());
    await soon(() => forced.textContent()).toContain('Forced');
    await succeeds(forced);
    expect(await message('hello/red to staging').filter({ hasText: 'Forced' }).count()).toBe(1);
  });

  test('slash commands do not work in threads; a mention does', async () => {
    const { page, deploy, succeeds, openThread, thread } = await visit(browser, sandbox);
    const parent = await deploy('hello/v1.0.0 to staging');
    // All of it: what comes last afterwards is the answer.
    await succeeds(parent);
    await openThread(parent);
    const box = thread.getByRole('textbox');
    await box.fill('/deploy hello');
    await box.press('Enter');
    await thread.getByText(/not supported in threads/).waitFor();
    await box.fill('@deckhand status');
    await box.press('Enter');
    await soon(() =>
      thread
        .getByRole('article')
        .filter({ hasText: /@deckhand status/ })
        .count(),
    ).toBe(1);
    await soon(() => thread.getByRole('article').last().textContent()).toMatch(
      /Only visible to you.*deckhand.*hello v1/,
    );
    await page.keyboard.press('Escape');
    await soon(() => thread.count()).toBe(0);
  });

  test('what happens elsewhere is marked until it is looked at', async () => {
    const mine = await visit(browser, sandbox);
    const theirs = await visit(browser, sandbox);
    await theirs.be('bob');
    const room = mine.page.getByRole('navigation', { name: 'Rooms and people' }).getByRole('link', { name: 'random' });
    await theirs.enter('random');
    await theirs.type('good morning');
    await soon(() => room.getAttribute('class')).toContain('unread');
    await theirs.type('@ann are you there?');
    await soon(() => room.textContent()).toContain('1');
    await room.click();
    await mine.page.getByText('good morning').waitFor();
    expect(await mine.page.locator('.divider.news').count()).toBe(1);
    await soon(() => room.getAttribute('class')).not.toContain('unread');
    await soon(() => mine.page.title()).toMatch(/^#random/);
  });

  test('what is typed before the page is drawn anew is already typed by whom one has become', async () => {
    const { page, message } = await visit(browser, sandbox);
    // Both in one turn of the page, where no frame comes between; and then a frame.
    await page.evaluate(`new Promise((drawn) => {
      document.querySelector('.people [value="U0BOB"]').click();
      const box = document.getElementById('box');
      box.value = 'it is bob';
      box.dispatchEvent(new Event('input'));
      requestAnimationFrame(() => requestAnimationFrame(drawn));
    })`);
    expect(await page.locator('#box').inputValue()).toBe('it is bob');
    await page.locator('#box').press('Enter');
    await soon(() => message('it is bob').locator('strong').textContent()).toBe('bob');
  });

  test('a page that nobody sees any more still counts in its title who called', async () => {
    const { page } = await visit(browser, sandbox);
    const other = await visit(browser, sandbox);
    await other.be('bob');
    // Chromium without a screen has no page out of sight: one gets no frames, not even those it had asked for.
    await page.evaluate(`
      window.requestAnimationFrame = () => 0;
      document.querySelector('.theme').click();
      Object.defineProperty(document, 'hidden', { value: true });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
    await other.type('@ann do you see this?');
    await soon(() => page.title()).toMatch(/^\(1\) #deploys/);
  });

  test('what people write is text', async () => {
    const { page, type, enter, complaints } = await visit(browser, sandbox);
    await enter('random');
    const hostile =
      '<img src=x onerror="document.title=1"><script>alert(1)</script> <javascript:alert(1)|press> <b>bold</b>';
    await type(hostile);
    await page.getByText('<script>alert(1)</script>').waitFor();
    expect(await page.locator('.message img, .message script, .message b').count()).toBe(0);
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('a page that lost the sandbox says so, keeps what could not be sent, and catches up when it is back', async () => {
    const cable = await layCable();
    onTestFinished(() => cable.stop());
    const { page, type, message } = await visit(browser, sandbox, { proxy: cable.proxy });
    const other = await visit(browser, sandbox);
    await type('/deploy helo/kept');
    await message('helo').waitFor();
    cable.cut();
    await page.getByText('The sandbox does not answer. Trying again').waitFor();
    await type('nobody hears this');
    await page.getByRole('alert').waitFor();
    expect(await page.locator('.room-pane').getByRole('textbox').inputValue()).toBe('nobody hears this');
    await other.type('said meanwhile');
    await other.message('said meanwhile').waitFor();
    cable.mend();
    await message('said meanwhile').waitFor();
    await soon(() => page.getByText('The sandbox does not answer. Trying again').count()).toBe(0);
    expect(await message('helo').count()).toBe(1);
  });
});
