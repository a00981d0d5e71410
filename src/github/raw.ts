import { z } from 'zod';
import type { RawPath } from '../deploy/ports.ts';
import type { Host } from './host.ts';

const json = z.union([z.array(z.unknown()), z.looseObject({})]);

/** What GitHub answers, unread. Nothing where it has no deployment of that id. */
export async function readRaw(
  host: Host,
  repository: string,
  path: RawPath,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
  const request = { route: `GET /repos/{owner}/{repo}/${path}`, parameters };
  // Of the list a 404 says that the repository is not shown.
  return path === 'deployments' ? host.read(repository, request, json) : host.find(repository, request, json, [404]);
}
