import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 40_000,
    hookTimeout: 30_000,
    // Two cores: more workers only take turns, and timings in the flows suffer.
    maxWorkers: 2,
    // What is waited for comes by itself. How soon is the machine's affair, which may be busy with something else.
    expect: { poll: { timeout: 15_000 } },
  },
});
