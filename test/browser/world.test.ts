import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeInChromium, launchChromium } from './chromium.ts';
import { type SandboxProcess, startSandbox } from './sandbox.ts';
import { soon, type Visit, visit } from './visit.ts';

describeInChromium('the world in a browser', { timeout: 90_000 }, () => {
  let sandbox: SandboxProcess;
  let browser: Browser;
  beforeAll(async () => {
    [sandbox, browser] = await Promise.all([startSandbox(), launchChromium()]);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await sandbox?.stop();
  });

  const part = ({ page }: Visit, name: string) => page.getByRole('region', { name, exact: true });
  const branch = (at: Visit, name: string) => part(at, 'Branches').locator(`[data-ref="${name}"]`);
  const deployment = (at: Visit, text: string) => part(at, 'Deployments').locator('details').filter({ hasText: text });
  const delivery = (at: Visit, text: string) =>
    part(at, 'Webhook deliveries').last().getByRole('row').filter({ hasText: text });
  /** By which a deployment is told from others: `#4295288185`. */
  const numberOf = async (parent: Locator) => /#\d+/.exec((await parent.textContent()) ?? '')?.[0] ?? 'no number';

  test('a webhook that got lost: the thread completes itself', async () => {
    const at = await visit(browser, sandbox);
    await at.go('World');
    const switched = at.page.getByLabel('On the way to the bot');
    await switched.selectOption('next-success');
    // The sandbox says that it will lose it.
    await soon(() => switched.getAttribute('class')).toBe('armed');
    await at.go('Chat');
    const parent = await at.deploy('hello/topic-branch to staging');
    await at.succeeds(parent);
    await at.openThread(parent);
    await soon(() => at.thread.getByRole('article').last().textContent()).toMatch(/@ann.*success/);
    const number = await numberOf(parent);
    await at.go('World');
    await delivery(at, `success · staging · ${number}`).getByText('lost on the way').waitFor();
    expect(await at.page.getByLabel('On the way to the bot').inputValue()).toBe('none');
  });

  test('a lost webhook that is sent again arrives, and says nothing twice', async () => {
    const at = await visit(browser, sandbox);
    const parent = await at.deploy('hello/main to staging');
    await at.succeeds(parent);
    const number = await numberOf(parent);
    await at.go('World');
    const rows = delivery(at, `success · staging · ${number}`);
    // The world is looked at every now and then; the chat is told at once.
    await rows.getByText('200', { exact: true }).waitFor();
    expect(await rows.count()).toBe(1);
    await rows.getByRole('button', { name: /again/ }).click();
    await soon(() => rows.count()).toBe(2);
    await rows.first().getByText('sent again').waitFor();
    await rows.first().getByText('200', { exact: true }).waitFor();
    await at.go('Chat');
    await at.openThread(parent);
    await soon(() => at.thread.getByRole('article').count()).toBe(4);
  });

  test('a check that is turned red stops a deployment, and is named', async () => {
    const at = await visit(browser, sandbox);
    await at.go('World');
    const check = branch(at, 'conflict').getByRole('button', { name: /security\/brakeman/ });
    await check.click();
    await soon(() => check.getAttribute('class')).toContain('failure');
    await at.go('Chat');
    const refused = await at.deploy('hello/conflict to staging', 'The checks of conflict');
    expect(await refused.textContent()).toContain('security/brakeman');
    await at.go('World');
    expect(await deployment(at, 'hello/conflict').count()).toBe(0);
    await check.click();
    await soon(() => check.getAttribute('class')).toContain('success');
    await at.go('Chat');
    await at.succeeds(await at.deploy('hello/conflict to staging'));
  });

  test('a pushed commit is checked and can be deployed', async () => {
    const at = await visit(browser, sandbox);
    await at.go('World');
    const row = branch(at, 'broken');
    const sha = () => row.locator('code').textContent();
    const before = await sha();
    await row.getByRole('button', { name: 'Push a commit' }).click();
    await soon(sha).not.toBe(before);
    await soon(() => row.locator('.pill.success').count()).toBe(2);
  });

  test('deployments and their statuses, as GitHub has them; and what is live', async () => {
    const at = await visit(browser, sandbox);
    await at.succeeds(await at.deploy('handbook to production', 'handbook/main to production'));
    await at.go('World');
    const one = deployment(at, 'handbook/main');
    await one.locator('summary').click();
    await soon(() => one.locator('li .state').allTextContents()).toEqual(['success', 'in_progress', 'queued']);
    // Of another day than today the day is said, too.
    const timeOf = (deployed: Locator) => deployed.locator('summary time').textContent();
    expect(await timeOf(one)).toMatch(/^\d+:\d\d:\d\d/);
    expect(await timeOf(deployment(at, 'hello/v1.0.0 to production'))).toMatch(/\b[A-Z][a-z]{2}\b.*\d+:\d\d/);
    const live = part(at, 'Live now').getByRole('link', { name: 'handbook on production' });
    const [page] = await Promise.all([at.page.context().waitForEvent('page'), live.click()]);
    await soon(() => page.getByRole('heading', { level: 1 }).textContent()).toBe('The handbook');
  });

  test('a deployer that is stopped hears of nothing, and takes it up when it is told again', async () => {
    const at = await visit(browser, sandbox);
    await at.go('World');
    await at.page.getByRole('button', { name: 'Stop the deployer' }).click();
    await at.page.getByRole('button', { name: 'Start the deployer' }).waitFor();
    await at.go('Chat');
    const parent = await at.deploy('hello/v1.0.0 to review');
    await soon(() => parent.textContent()).toContain('Waiting for a deployer');
    const number = await numberOf(parent);
    await at.go('World');
    const missed = delivery(at, number).filter({ hasText: 'deployer' }).filter({ hasText: 'nobody answered' });
    await missed.waitFor();
    await at.page.getByRole('button', { name: 'Start the deployer' }).click();
    await at.page.getByRole('button', { name: 'Stop the deployer' }).waitFor();
    await missed.getByRole('button', { name: /again/ }).click();
    await at.go('Chat');
    await at.succeeds(parent);
  });

  test('while the chat answers 429 messages wait; afterwards all of them come', async () => {
    const at = await visit(browser, sandbox);
    await at.go('World');
    await at.page.getByRole('button', { name: '429 for 10 s' }).click();
    await part(at, 'Trouble').getByText('429 to the bot until').waitFor();
    await at.go('Chat');
    const parent = await at.deploy('hello/topic-branch to review');
    await at.succeeds(parent);
    await at.openThread(parent);
    await soon(() => at.thread.getByRole('article').count()).toBe(4);
  });
});
