import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { describe } from 'vitest';

const program = '/usr/bin/chromium';

export const chromiumIsInstalled = existsSync(program) && spawnSync(program, ['--version']).status === 0;

/** Suites that need a real browser. Where there is none their tests are reported as skipped. */
export const describeInChromium = describe.skipIf(!chromiumIsInstalled);

/** A name that leads to this machine, as an attacker's may. */
export const strangeHost = 'evil.test';

/** Starts the machine's Chromium with a new profile, which is gone when it is closed. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update'],
      `--host-resolver-rules=MAP ${strangeHost} 127.0.0.1`,
    ],
  });
}
