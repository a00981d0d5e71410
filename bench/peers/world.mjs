// A Slack and a GitHub that answer at once, limit nobody, and remember nothing but how often they were asked, what was
// created and which lines were told: they take as little of the processor as possible from what is measured. The sandbox's are the faithful ones.
import { createServer } from 'node:http';

const asked = new Map();
/** Deployments that nobody has fetched yet. */
let created = [];
/** Lines of threads that nobody has fetched yet: the key in their metadata, and when they were there. */
let told = [];
let made = 1_000_000;

const slack = {
  'auth.test': () => ({ team_id: 'T0BENCH', team: 'bench', user: 'deckhand', user_id: 'U0BOT', bot_id: 'B0BOT' }),
  'users.info': () => ({ user: { id: 'U0ANN', name: 'ann', team_id: 'T0BENCH' } }),
  'conversations.info': () => ({ channel: { id: 'C0DEPLOYS', name: 'deploys' } }),
  'conversations.replies': () => ({ messages: [] }),
  'conversations.history': () => ({ messages: [] }),
};
/** What posts and edits is answered with: where the message stands. */
const posted = () => {
  made += 1;
  return { channel: 'C0DEPLOYS', ts: `1718${String(made).padStart(6, '0')}.000100` };
};

const sha = '6dcb09b5b57875f334f61aebed695e2e4193db5e';
const github = [
  [/^GET \/repos\/[^/]+\/[^/]+$/, () => ({ full_name: 'acme/hello', default_branch: 'main' })],
  [/^GET .*\/git\/ref\//, () => ({ ref: 'refs/heads/topic-branch', object: { sha, type: 'commit' } })],
  [/^GET .*\/(statuses|deployments)$/, () => []],
  [/^POST .*\/deployments$/, create],
];

function create({ ref, task, environment, payload }) {
  made += 1;
  const created_at = `${new Date().toISOString().slice(0, 19)}Z`;
  const deployment = { id: made, sha, ref, task, environment, original_environment: environment, payload, created_at };
  created.push(deployment);
  return deployment;
}

createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://world');
  let body = '';
  for await (const chunk of request) body += chunk;
  if (pathname === '/asked') return answer(response, 200, Object.fromEntries(asked));
  if (pathname === '/created') {
    answer(response, 200, created);
    created = [];
    return;
  }
  if (pathname === '/told') {
    answer(response, 200, told);
    told = [];
    return;
  }
  if (pathname.startsWith('/api/')) {
    const method = pathname.slice('/api/'.length);
    count(method);
    if (method === 'chat.postMessage') heard(body);
    return answer(response, 200, { ok: true, ...(slack[method] ?? posted)() });
  }
  if (pathname.startsWith('/response/')) {
    count('response_url');
    return response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
  }
  const called = `${request.method} ${pathname.replace(/^\/github/, '')}`;
  const found = github.find(([pattern]) => pattern.test(called));
  count(`GitHub: ${request.method}`);
  const status = !found ? 404 : request.method === 'POST' ? 201 : 200;
  answer(response, status, found?.[1](body && JSON.parse(body)) ?? { message: 'Not Found' });
}).listen(Number(process.env.PORT), process.env.HOST);

/** The time is the machine's own, which all its processes share, in ms. */
function heard(body) {
  const at = Number(process.hrtime.bigint()) / 1e6;
  const form = new URLSearchParams(body);
  if (!form.has('thread_ts')) return;
  const { event_payload: { key } = {} } = JSON.parse(form.get('metadata') ?? '{}');
  told.push({ key, room: form.get('channel'), at });
}

const count = (what) => asked.set(what, (asked.get(what) ?? 0) + 1);

function answer(response, status, body) {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}
