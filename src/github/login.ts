import { z } from 'zod';
import type { Host } from './host.ts';
import type { Reading } from './reading.ts';

const userShape = z.object({ login: z.string().min(1) });
const appShape = z.object({ slug: z.string().min(1) });

/** Who the bot is, as GitHub shows it beside what it creates. `app`: asks as the App, where the bot is there by one. */
export async function login(host: Host, repository: string, app: Reading | undefined): Promise<string> {
  if (!app) return (await host.read(repository, { route: 'GET /user' }, userShape)).login;
  return `${(await app.read(repository, { route: 'GET /app' }, appShape)).slug}[bot]`;
}
