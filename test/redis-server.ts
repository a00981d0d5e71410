import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe } from 'vitest';
import { freePort } from '../src/sandbox/free-port.ts';
import type { RedisAccess } from '../src/store/redis/access.ts';

export const redisIsInstalled = spawnSync('redis-server', ['--version']).status === 0;

/** Suites that need a real server. Where there is none their tests are reported as skipped. */
export const describeWithRedis = describe.skipIf(!redisIsInstalled);

export interface RedisServerOptions {
  /** The port of the server it follows. */
  replicaOf?: number;
  /** Of the default user. */
  password?: string;
  /** One more user, who may use keys that begin with `prefix` alone; the default user is off then. */
  user?: { name: string; password: string; prefix: string };
  /** Speaks TLS alone, with a certificate of its own making. */
  tls?: boolean;
  /** When it is on disk (AOF). Default: `always`. */
  appendfsync?: 'always' | 'everysec' | 'no';
  /** More lines of its configuration. */
  config?: Readonly<Record<string, string>>;
}

/** A server process that a test has to itself. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** How `connectRedis` reaches it. */
  access(facts?: Partial<RedisAccess>): RedisAccess;
  /** SIGTERM: it writes everything down first. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again after either, with the same data at the same port. */
  restart(): Promise<void>;
  /** SIGSTOP: it keeps its connections and answers nothing. */
  pause(): void;
  resume(): void;
  /** What a client with all rights gets for this command, as `redis-cli` prints it. */
  cli(...command: string[]): string;
  /** Ends it and forgets its data. */
  end(): Promise<void>;
}

/** Starts a real redis-server on a free port of 127.0.0.1, its data in a folder of its own. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'deckhand-redis-'));
  if (options.tls) makeCertificate(folder);
  const port = await freePort();
  const file = path.join(folder, 'redis.conf');
  writeFileSync(file, configuration(folder, port, options));
  let running = await run(file, [], 'Ready to accept connections');

  const signalled = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = once(running, 'close');
    if (running.exitCode !== null || running.signalCode !== null) return;
    running.kill(signal);
    await ended;
  };
  const ca = options.tls ? readFileSync(path.join(folder, 'cert.pem'), 'utf8') : undefined;
  const { user, password } = options;
  const login = user ? `${user.name}:${user.password}@` : password ? `:${password}@` : '';
  return {
    port,
    url: `${options.tls ? 'rediss' : 'redis'}://${login}127.0.0.1:${port}`,
    access: (facts) => ({
      hosts: [{ host: '127.0.0.1', port }],
      ...(user ? { username: user.name, password: user.password } : { password }),
      ...(options.tls && { tls: { ca } }),
      db: 0,
      prefix: user?.prefix ?? 'deckhand:',
      ...facts,
    }),
    stop: () => signalled('SIGTERM'),
    kill: () => signalled('SIGKILL'),
    async restart() {
      running = await run(file, [], 'Ready to accept connections');
    },
    pause: () => void running.kill('SIGSTOP'),
    resume: () => void running.kill('SIGCONT'),
    cli(...command) {
      const secure = options.tls ? ['--tls', '--cacert', path.join(folder, 'cert.pem')] : [];
      const auth = user ? ['--user', 'admin', '--pass', 'admin'] : password ? ['--pass', password] : [];
      const args = ['-p', String(port), ...secure, ...auth, '--no-auth-warning', ...command];
      return execFileSync('redis-cli', args, { encoding: 'utf8' }).trimEnd();
    },
    async end() {
      await signalled('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Sentinel {
  readonly port: number;
  /** Makes a replica the master, as after the master's death. */
  failOver(): void;
  /** How many replicas it knows that are well. */
  replicas(): number;
  end(): Promise<void>;
}

/** Starts a Sentinel that watches over one server, called `main`, and alone decides that it is down. */
export async function startSentinel(master: RedisServer, options: { password?: string } = {}): Promise<Sentinel> {
  const folder = mkdtempSync(path.join(tmpdir(), 'deckhand-sentinel-'));
  const port = await freePort();
  const file = path.join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    ...(options.password ? [`sentinel auth-pass main ${options.password}`] : []),
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 5000',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const running = await run(file, ['--sentinel'], '+monitor master');
  const ask = (...question: string[]): string =>
    execFileSync('redis-cli', ['-p', String(port), 'sentinel', ...question], { encoding: 'utf8' });
  return {
    port,
    failOver: () => void ask('failover', 'main'),
    replicas: () => ask('replicas', 'main').match(/^flags\nslave$/gm)?.length ?? 0,
    async end() {
      const ended = once(running, 'close');
      running.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(folder: string, port: number, options: RedisServerOptions): string {
  const { user, password, tls, replicaOf } = options;
  const data = path.join(folder, 'data');
  mkdirSync(data);
  const certificate = path.join(folder, 'cert.pem');
  const lines = [
    'bind 127.0.0.1',
    `dir ${data}`,
    'save ""',
    'appendonly yes',
    `appendfsync ${options.appendfsync ?? 'always'}`,
    'repl-diskless-sync-delay 0',
    ...(tls
      ? [
          'port 0',
          `tls-port ${port}`,
          `tls-cert-file ${certificate}`,
          `tls-key-file ${path.join(folder, 'key.pem')}`,
          `tls-ca-cert-file ${certificate}`,
          'tls-auth-clients no',
        ]
      : [`port ${port}`]),
    ...(replicaOf ? [`replicaof 127.0.0.1 ${replicaOf}`] : []),
    ...(password ? [`requirepass ${password}`, `masterauth ${password}`] : []),
    ...(user
      ? [
          'user default off',
          'user admin on >admin ~* &* +@all',
          `user ${user.name} on >${user.password} ~${user.prefix}* &* +@all -@dangerous +info`,
        ]
      : []),
    ...Object.entries(options.config ?? {}).map(([name, value]) => `${name} ${value}`),
  ];
  return `${lines.join('\n')}\n`;
}

function makeCertificate(folder: string): void {
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert];
  const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  execFileSync('openssl', [...made, ...named], { stdio: 'ignore' });
}

/** A test's process may be killed: a shell that notices the end of its input then kills what was left running. */
function killWithUs(child: ChildProcess): void {
  const watch = ['-c', 'cat > /dev/null; kill -9 "$0"', String(child.pid)];
  const watcher = spawn('sh', watch, { stdio: ['pipe', 'ignore', 'ignore'] });
  child.once('exit', () => watcher.kill('SIGKILL'));
}

/** Resolves once it has printed `sign`; rejects with what it printed when it ends before. */
async function run(file: string, args: string[], sign: string): Promise<ChildProcess> {
  const child = spawn('redis-server', [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.pid !== undefined) killWithUs(child);
  await new Promise<void>((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      if (printed.includes(sign)) resolve();
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`redis-server ended: ${printed}`)));
  });
  return child;
}
