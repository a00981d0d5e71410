import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import type { SandboxProcess } from './sandbox.ts';

/** How long anything may take on a busy machine, in milliseconds. */
const patience = 30_000;

/** Polls until it is so. */
export const soon = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: patience });

/** Somebody at the page. */
export interface Visit {
  page: Page;
  /** What the page said in the console, and errors that nobody caught. */
  complaints: string[];
  /** Types a line into the box of the room and sends it. */
  type(line: string): Promise<void>;
  /** The messages of the room on the screen that have this text. */
  message(text: string | RegExp): Locator;
  /** Does something, and answers the one message of the room that comes of it: with this text, and not there before. */
  newMessage(text: string, deed: () => Promise<void>): Promise<Locator>;
  /** Types `/deploy …`, and answers the message that follows that deployment; `text`: what stands in it. */
  deploy(line: string, text?: string): Promise<Locator>;
  /**
   * Waits until a deployment has succeeded and its thread has every step. The message and its thread have rates of their
   * own: either may be the last to say so.
   */
  succeeds(parent: Locator): Promise<void>;
  /** The pane of the thread. */
  thread: Locator;
  /** Opens the thread of a message. */
  openThread(message: Locator): Promise<void>;
  /** The line with which the thread on the screen ends when the deployment has succeeded: it calls whoever asked. */
  ending: Locator;
  be(person: 'ann' | 'bob' | 'gus'): Promise<void>;
  /** Goes to a channel, and is there. */
  enter(channel: string): Promise<void>;
  go(place: 'Chat' | 'World'): Promise<void>;
}

/** Opens the sandbox's link in a browser without a past. It is closed when the test is over. */
export async function visit(
  browser: Browser,
  sandbox: Pick<SandboxProcess, 'link'>,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
  context.setDefaultTimeout(patience);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  page.on('pageerror', (error) => void complaints.push(error.message));
  await page.goto(sandbox.link);
  const room = page.locator('.room-pane');
  const rail = page.getByRole('navigation', { name: 'Rooms and people' });
  const thread = page.getByRole('complementary', { name: 'Thread' });
  await page.locator('.page').waitFor();

  const at: Visit = {
    page,
    complaints,
    thread,
    async type(line) {
      await room.getByRole('textbox').fill(line);
      await room.getByRole('textbox').press('Enter');
    },
    message: (text) => room.getByRole('article').filter({ hasText: text }),
    async newMessage(text, deed) {
      const articles = room.getByRole('article');
      const known = await articles.evaluateAll((all) => all.map((one) => one.getAttribute('data-ts')));
      await deed();
      const others = known.map((ts) => `:not([data-ts="${ts}"])`).join('');
      const found = room.locator(`article${others}`).filter({ hasText: text });
      await found.waitFor();
      return found;
    },
    deploy: (line, text = line) => at.newMessage(text, () => at.type(`/deploy ${line}`)),
    async succeeds(parent) {
      await soon(() => parent.textContent()).toContain('Success after');
      await soon(() => parent.locator('.replies').textContent()).toContain('3 replies');
    },
    async openThread(message) {
      await message.locator('.replies').click();
      await thread.waitFor();
    },
    ending: thread.getByRole('article').filter({ hasText: /@ann.*success/ }),
    async be(person) {
      await page.getByRole('radio', { name: person }).check({ force: true });
      await rail.locator('.chosen').filter({ hasText: person }).waitFor();
    },
    async enter(channel) {
      await rail.getByRole('link', { name: channel }).click();
      await page.getByRole('main', { name: `#${channel}` }).waitFor();
    },
    async go(place) {
      await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: place }).click();
      // The page is drawn after the click: whoever counts messages before would find none.
      await room.waitFor({ state: place === 'Chat' ? 'visible' : 'hidden' });
    },
  };
  return at;
}
