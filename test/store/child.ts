import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.resolve(import.meta.dirname, '../..');

/** Other processes that run the project's code, which Node can't run as TypeScript. */
export interface Workshop {
  /** Runs a module that may import `./src/….js` and `libsql`. */
  run(code: string, ...args: string[]): Child;
  end(): void;
}

export interface Child {
  pid: number;
  /** The next line that it prints; undefined once it has ended. */
  line(): Promise<string | undefined>;
  /** Writes a line to its stdin. */
  say(line: string): void;
  kill(signal: NodeJS.Signals): void;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Compiles these files, and what they import, into a folder of their own: what else is in src/ has no say in it. */
export function workshop(...files: string[]): Workshop {
  const folder = mkdtempSync(path.join(tmpdir(), 'deckhand-child-'));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  const config = {
    extends: path.join(root, 'tsconfig.json'),
    compilerOptions: { rootDir: root, outDir: folder, noEmit: false },
    files: files.map((file) => path.join(root, file)),
    include: [],
  };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
  execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  // What Redis runs is no TypeScript.
  const isFolderOrLua = (source: string): boolean => source.endsWith('.lua') || statSync(source).isDirectory();
  cpSync(path.join(root, 'src/store/redis'), path.join(folder, 'src/store/redis'), {
    recursive: true,
    filter: isFolderOrLua,
  });

  const children = new Set<ChildProcess>();
  let scripts = 0;
  return {
    run(code, ...args) {
      const script = path.join(folder, `script-${scripts++}.js`);
      writeFileSync(script, code);
      const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
      children.add(child);
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      return {
        pid: child.pid ?? 0,
        line: async () => (await lines.next()).value,
        say: (line) => child.stdin.write(`${line}\n`),
        kill: (signal) => child.kill(signal),
        ended: once(child, 'close').then(([code, signal]) => ({ code, signal })),
      };
    },
    end() {
      for (const child of children) child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    },
  };
}
