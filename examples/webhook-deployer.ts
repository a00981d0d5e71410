// Takes GitHub's `deployment` events, runs your command for each, and reports what becomes of it. README.md: how to run it.
import { spawn } from 'node:child_process';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';

const { WEBHOOK_SECRET, GITHUB_TOKEN, GITHUB_API_URL: api = 'https://api.github.com', ...others } = process.env;
const { DEPLOY_COMMAND, LOG_FOLDER = '.', LOG_URL, HOST, PORT = '8080' } = others;
if (!WEBHOOK_SECRET || !GITHUB_TOKEN || !DEPLOY_COMMAND) throw new Error('A variable is missing: see README.md');

type Deployment = { id: number; sha: string; ref: string; task: string; environment: string; payload: unknown };
const known = new Set<number>();
const turns = new Map<string, Promise<void>>();

/** Only what is signed, over the bytes as they came: whoever finds this address could deploy otherwise. */
async function take(request: IncomingMessage): Promise<number> {
  const body = Buffer.concat(await request.toArray());
  const expected = Buffer.from(`sha256=${createHmac('sha256', `${WEBHOOK_SECRET}`).update(body).digest('hex')}`);
  const given = Buffer.from(String(request.headers['x-hub-signature-256']));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 401;
  const { deployment, repository } = JSON.parse(body.toString());
  if (request.headers['x-github-event'] !== 'deployment' || known.has(deployment.id)) return 202; // or sent again
  known.add(deployment.id);
  // One at a time in each environment. GitHub has its answer at once: it gives up after 10 seconds.
  const line = `${repository.full_name} ${deployment.environment}`;
  turns.set(line, deploy(deployment, repository.full_name, turns.get(line)));
  return 202;
}

async function deploy(what: Deployment, repository: string, turn?: Promise<void>): Promise<void> {
  const log_url = LOG_URL && `${LOG_URL}/${what.id}.txt`;
  const report = async (status: Record<string, string | undefined>): Promise<void> => {
    const headers = { authorization: `Bearer ${GITHUB_TOKEN}`, 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(status), signal: AbortSignal.timeout(10_000) };
    const answer = await fetch(`${api}/repos/${repository}/deployments/${what.id}/statuses`, request).catch(String);
    if (typeof answer === 'string' || !answer.ok) console.error(what.id, status.state, 'was not reported:', answer);
  };
  await report({ state: 'queued' });
  await turn;
  await report({ state: 'in_progress', log_url });
  const broken = (error: Error) => ({ state: 'error', description: error.message.slice(0, 140) });
  await report({ log_url, ...(await run(what, repository).catch(broken)) });
}

async function run({ id, sha, ref, task, environment, payload }: Deployment, repository: string) {
  const log = await open(`${LOG_FOLDER}/${id}.txt`, 'w');
  // What other people chose reaches the command as variables, never as a part of it.
  const facts = { REPOSITORY: repository, SHA: sha, REF: ref, TASK: task, ENVIRONMENT: environment };
  const env = { ...others, ...facts, PAYLOAD: JSON.stringify(payload) };
  const child = spawn(`${DEPLOY_COMMAND}`, { stdio: ['ignore', log.fd, log.fd], env });
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  await log.close();
  if (code !== 0) return { state: 'failure', description: `The deploy command ended with ${code}.` };
  const last = (await readFile(`${LOG_FOLDER}/${id}.txt`, 'utf8')).trim().split('\n').pop() ?? '';
  return { state: 'success', environment_url: /^https?:\/\/\S+$/.test(last) ? last : undefined };
}

createServer(async (request, response) => {
  response.writeHead(await take(request).catch(() => 400)).end();
}).listen(Number(PORT), HOST);
