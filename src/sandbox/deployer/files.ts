import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream';
import type { Announcement } from './announcement.ts';
import { listingPage } from './pages.ts';

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.htm': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.pdf': 'application/pdf',
};
const readableAsText = /\.(txt|md|sh|ya?ml|toml|xml|csv|tsx?|jsx|py|rb|go|rs|c|h|java|lock)$|(^|\/)[^./]+$/i;

/**
 * Answers with a file of the deployed tree. `segments` is the still encoded path below the environment.
 * Neither `..` nor a symbolic link leads out of the tree.
 */
export async function serveFile(
  response: ServerResponse,
  root: string,
  segments: string[],
  what: Announcement,
): Promise<void> {
  const found = await locate(root, segments);
  if (!found) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Not found in the deployed files.\n');
    return;
  }
  if (found.isFolder && segments.at(-1) !== '') {
    // Relative to the last segment, so that the address stays below whatever name the visitor used.
    response.writeHead(308, { location: `./${segments.at(-1)}/` }).end();
    return;
  }
  const file = found.isFolder ? await locate(root, [...segments.slice(0, -1), 'index.html']) : found;
  if (file && !file.isFolder) return sendFile(response, file.path, file.size);

  const entries = await readdir(found.path, { withFileTypes: true });
  const listed = entries
    .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
    .sort((a, b) => Number(b.isFolder) - Number(a.isFolder) || a.name.localeCompare(b.name));
  const place = segments.slice(0, -1).map(decodeURIComponent).join('/');
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(listingPage(what, place, listed));
}

async function locate(root: string, segments: string[]) {
  const names = segments.map(decoded);
  const isSafe = names.every((name) => name !== undefined && name !== '.' && name !== '..' && !/[/\\\0]/.test(name));
  if (!isSafe) return undefined;
  try {
    const top = await realpath(root);
    const real = await realpath(path.join(top, ...(names as string[])));
    if (real !== top && !real.startsWith(top + path.sep)) return undefined;
    const facts = await stat(real);
    if (!facts.isFile() && !facts.isDirectory()) return undefined;
    return { path: real, isFolder: facts.isDirectory(), size: facts.size };
  } catch {
    return undefined;
  }
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function sendFile(response: ServerResponse, file: string, size: number): void {
  const known = contentTypes[path.extname(file).toLowerCase()];
  const fallback = readableAsText.test(file) ? 'text/plain; charset=utf-8' : 'application/octet-stream';
  response.writeHead(200, { 'content-type': known ?? fallback, 'content-length': size });
  if (response.req.method === 'HEAD') return void response.end();
  // An error here is a visitor who went away; pipeline has closed both ends by then.
  pipeline(createReadStream(file), response, () => {});
}
