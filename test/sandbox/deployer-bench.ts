import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { git } from '../../src/sandbox/local-git.ts';

/** A branch of its own with just these files, and symbolic links. Resolves with its commit. */
export async function commit(
  repository: string,
  branch: string,
  files: Record<string, string>,
  links: Record<string, string> = {},
): Promise<string> {
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}`;
  const entries = [
    ...Object.entries(files).map(([name, text]) => `M 100644 inline "${name}"\n${data(text)}`),
    ...Object.entries(links).map(([name, target]) => `M 120000 inline ${name}\n${data(target)}`),
  ];
  const input = [`commit refs/heads/${branch}`, 'committer Ann <ann@example.com> 0 +0000', data('test'), ...entries];
  await git(['--git-dir', repository, 'fast-import', '--quiet'], {
    input: `${input.join('\n')}\n`,
  });
  return git(['--git-dir', repository, 'rev-parse', branch]);
}

/** Without the tidying of paths that fetch does. */
export async function rawGet(
  port: string,
  target: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const request = httpRequest({ host: '127.0.0.1', port, path: target, headers }).end();
  const [response] = await once(request, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body };
}

/** A killed process that its init has not collected yet is dead, though `kill -0` still finds it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const facts = `/proc/${pid}/stat`;
  return !existsSync(facts) || !/^\d+ \(.*\) Z/.test(readFileSync(facts, 'utf8'));
}

/** The one corner of GitHub that the deployer talks to: it takes deployment statuses, remembers and shows them. */
export async function startReportTaker() {
  const reports: { id: number; body: Record<string, unknown>; headers: Record<string, unknown> }[] = [];
  const calledOff = new Set<number>();
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const id = /^\/repos\/acme\/hello\/deployments\/(\d+)\/statuses(?:\?|$)/.exec(request.url ?? '')?.[1];
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (!id) return void answer(404, {});
    if (request.method === 'GET') return void answer(200, statusesOf(Number(id)));
    reports.push({ id: Number(id), body: JSON.parse(text), headers: request.headers });
    answer(201, {});
  });
  const statusesOf = (id: number) => [
    ...(calledOff.has(id) ? [{ state: 'error' }] : []),
    ...reports.filter((report) => report.id === id).map(({ body }) => body),
  ];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reports,
    /** Somebody else sets a status `error`. */
    callOff: (id: number) => void calledOff.add(id),
    states: (id: number) => reports.filter((report) => report.id === id).map((report) => report.body.state),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
