import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface PageFile {
  type: string;
  read(): Promise<Buffer>;
}

/**
 * What a browser may load, by path: the files of `client/` and `render/` beside this one that have a type above, and
 * `/` for the page itself. A list made once, so that no path leads anywhere else.
 */
export function pageFiles(folder = import.meta.dirname): Map<string, PageFile> {
  const files = ['client', 'render'].flatMap((room) =>
    readdirSync(path.join(folder, room)).flatMap((name): [string, PageFile][] => {
      const type = types[path.extname(name)];
      if (type === undefined) return [];
      return [[`/${room}/${name}`, { type, read: () => readFile(path.join(folder, room, name)) }]];
    }),
  );
  const all = new Map(files);
  const start = all.get('/client/index.html');
  if (start) all.set('/', start);
  return all;
}
