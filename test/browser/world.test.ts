import type { Browser } from 'playwright-core';
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

  test('a webhook that got lost: the thread completes itself', async () => {
    const at = await visit(browser, sandbox);
    await at.go('World');
    await at.page.getByLabel('On the way to the bot').selectOption('next-success');
    await at.go('Chat');
    await at.type('/deploy hello/topic-branch to staging');
    const parent = at.message('hello/topic-branch to staging');
    await soon(() => parent.textContent()).toContain('Success after');
    await at.openThread(parent);
    await soon(() => at.thread.getByRole('article').last().textContent()).toMatch(/@ann.*success/);
    await at.go('World');
    await delivery(at, 'success · staging').getByText('lost on the way').waitFor();
    expect(await at.page.getByLabel('On the way to the bot').inputValue()).toBe('none');
  });

  test('a lost webhook that is sent again arrives, and says nothing twice', async () => {
    const at = await visit(browser, sandbox);
    await at.type('/deploy hello/main to staging');
    const parent = at.message('hello/main to staging');
    await soon(() => parent.textContent()).toContain('Success after');
    await at.go('World');
    const rows = delivery(at, 'success · staging');
    const before = await rows.count();
    await rows.first().getByRole('button', { name: /again/ }).click();
    await soon(() => rows.count()).toBe(before + 1);
    await rows.first().getByText('sent again').waitFor();
    await rows.first().getByText('200').waitFor();
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
    await at.type('/deploy hello/conflict to staging');
    const parent = at.message('The checks of conflict');
    await parent.waitFor();
    expect(await parent.textContent()).toContain('security/brakeman');
    await at.go('World');
    expect(await deployment(at, 'hello/conflict').count()).toBe(0);
    await check.click();
    await soon(() => check.getAttribute('class')).toContain('success');
    await at.go('Chat');
    await at.type('/deploy hello/conflict to staging');
    await soon(() => at.message('hello/conflict to staging').last().textContent()).toContain('Success after');
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
    await at.type('/deploy handbook to production');
    await soon(() => at.message('handbook/main to production').textContent()).toContain('Success after');
    await at.go('World');
    const one = deployment(at, 'handbook/main');
    await one.locator('summary').click();
    await soon(() => one.locator('li .state').allTextContents()).toEqual(['success', 'in_progress', 'queued']);
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
    await at.type('/deploy hello/v1.0.0 to review');
    const parent = at.message('hello/v1.0.0 to review');
    await soon(() => parent.textContent()).toContain('Waiting for a deployer');
    await at.go('World');
    const missed = delivery(at, 'deployer').filter({ hasText: 'nobody answered' });
    await missed.waitFor();
    await at.page.getByRole('button', { name: 'Start the deployer' }).click();
    await at.page.getByRole('button', { name: 'Stop the deployer' }).waitFor();
    await missed.getByRole('button', { name: /again/ }).click();
    await at.go('Chat');
    await soon(() => parent.textContent()).toContain('Success after');
  });

  test('while the chat answers 429 messages wait; afterwards all of them come', async () => {
    const at = await visit(browser, sandbox);
    await at.go('World');
    await at.page.getByRole('button', { name: '429 for 10 s' }).click();
    await part(at, 'Trouble').getByText('429 to the bot until').waitFor();
    await at.go('Chat');
    await at.type('/deploy hello/topic-branch to review');
    const parent = at.message('hello/topic-branch to review');
    await soon(() => parent.textContent()).toContain('Success after');
    await at.openThread(parent);
    await soon(() => at.thread.getByRole('article').count()).toBe(4);
  });
});
