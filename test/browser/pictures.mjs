// Makes the README's pictures from the sandbox, in light and in dark: docs/pictures/*.png. Needs Chromium, and a font
// with colour emoji (Debian: fonts-noto-color-emoji).
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = path.join(root, 'docs', 'pictures');

/** Starts the built sandbox; resolves with its link. */
function startSandbox() {
  const child = spawn(process.execPath, ['dist/src/sandbox/main.js'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      const [link] = /http:\/\/127\.0\.0\.1:\d+\/#key=\S+/.exec(output) ?? [];
      if (link) resolve({ child, link });
    });
    child.on('exit', () => reject(new Error(`The sandbox ended:\n${output}`)));
  });
}

async function photograph(browser, link, colorScheme) {
  const context = await browser.newContext({
    viewport: { width: 1120, height: 640 },
    deviceScaleFactor: 1.5,
    locale: 'en-GB',
    colorScheme,
  });
  const page = await context.newPage();
  const save = (name, target = page) => target.screenshot({ path: path.join(folder, `${name}-${colorScheme}.png`) });
  const room = page.locator('.room-pane');
  const type = async (line) => {
    await room.getByRole('textbox').fill(line);
    await room.getByRole('textbox').press('Enter');
  };
  const message = (text) => room.getByRole('article').filter({ hasText: text }).last();

  await page.goto(link);
  await type('/deploy hello/v1.0.0 to production');
  await message('v1.0.0 to production').filter({ hasText: 'Success after' }).waitFor();
  await type('/deploy hello/topic-branch to staging');
  const parent = message('topic-branch to staging').filter({ hasText: 'Success after' });
  await parent.waitFor();
  await parent.locator('.replies').click();
  await page.getByRole('complementary', { name: 'Thread' }).getByText('is live on staging').waitFor();
  await page.mouse.move(0, 0);
  await page.locator('.room-pane').getByRole('textbox').focus();
  await save('thread');

  await page.keyboard.press('Escape');
  await type('/deploy hello/topic-brnch to stagin');
  await message('Only visible to you').waitFor();
  await type('/deploy hello/red to production');
  const refused = message('Not deployed');
  await refused.locator('.replies').click();
  await page
    .getByRole('complementary', { name: 'Thread' })
    .getByRole('button', { name: /force|anyway/i })
    .waitFor();
  await page.mouse.move(0, 0);
  await save('refusal');

  await page.setViewportSize({ width: 1120, height: 760 });
  await page.getByRole('link', { name: 'World' }).click();
  await page.getByRole('region', { name: 'Deployments' }).locator('summary').first().click();
  await page.mouse.move(0, 0);
  await save('world');
  await context.close();
}

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync', '--disable-background-networking'],
});
try {
  for (const colorScheme of ['light', 'dark']) {
    // A world of its own for each, so that both show the same.
    const { child, link } = await startSandbox();
    try {
      await photograph(browser, link, colorScheme);
    } finally {
      child.kill('SIGTERM');
    }
  }
} finally {
  await browser.close();
}
