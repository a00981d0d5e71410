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
  /** The pane of the thread. */
  thread: Locator;
  /** Opens the thread of a message. */
  openThread(message: Locator): Promise<void>;
  be(person: 'ann' | 'bob' | 'gus'): Promise<void>;
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
  await page.locator('.page').waitFor();

  return {
    page,
    complaints,
    thread: page.getByRole('complementary', { name: 'Thread' }),
    async type(line) {
      await room.getByRole('textbox').fill(line);
      await room.getByRole('textbox').press('Enter');
    },
    message: (text) => room.getByRole('article').filter({ hasText: text }),
    async openThread(message) {
      await message.locator('.replies').click();
      await page.getByRole('complementary', { name: 'Thread' }).waitFor();
    },
    async be(person) {
      await page.getByRole('radio', { name: person }).check({ force: true });
    },
    async go(place) {
      await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: place }).click();
    },
  };
}
