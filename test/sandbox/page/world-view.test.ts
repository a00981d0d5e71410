import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createControls } from '../../../src/sandbox/page/controls.ts';
import { worldView } from '../../../src/sandbox/page/world-view.ts';
import { startWorld } from '../../../src/sandbox/world.ts';

test('a switch that turns while git is read fits the deliveries that are shown with it', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'world-view-test-'));
  const world = await startWorld({ folder, stepMs: 1 });
  onTestFinished(async () => {
    await world.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const controls = createControls(world);
  controls.lose('next');
  const slowGit = {
    async read() {
      const { id } = await world.github.addDeployment('acme/hello', { environment: 'review' });
      world.github.addStatus('acme/hello', id, { state: 'waiting' });
      return [];
    },
    forget: () => {},
  };
  const seen = await worldView(world, controls, [slowGit]);
  expect(seen.deliveries.map(({ about }) => about)).toContain('waiting · review');
  expect(seen.webhooks.loss).toBe('none');
});
