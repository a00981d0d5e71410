// A connection for load: requests are bytes that were made before, and of an answer only the status and the end are read. A
// client for all purposes takes three times the CPU, which the servers under measurement would have to share with it.
import { once } from 'node:events';
import { connect } from 'node:net';

/** Nobody is asked this seldom, or answers this late, unless it hangs. */
const longestMs = 60_000;

/** A POST as it goes over the wire. */
export function bytesOf({ path, headers, body }) {
  const length = Buffer.byteLength(body);
  const all = { host: 'localhost', connection: 'keep-alive', 'content-length': length, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

/** Connects with the server behind `url`, and stays connected. */
export async function open(url) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  let received = '';
  let waiting;
  let last = 'no answer';
  socket.setEncoding('latin1');
  socket.setTimeout(longestMs, () => socket.destroy(new Error(`${url} did not answer within ${longestMs / 1000} s`)));
  socket.on('data', (text) => {
    received += text;
    const status = statusOf(received);
    if (status === undefined) return;
    received = '';
    last = `status ${status}`;
    waiting.resolve(status);
  });
  socket.on('error', (error) => waiting?.reject(error));
  socket.on('close', () => waiting?.reject(new Error(`${url} closed the connection after ${received || last}`)));
  return {
    /** Resolves with the status once the answer is here as a whole. One at a time. */
    send: (bytes) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        if (socket.writable) socket.write(bytes);
        else reject(new Error(`${url} closed the connection after ${last}`));
      }),
    close() {
      waiting = undefined;
      socket.destroy();
    },
  };
}

/** The status of an answer that is complete; RFC 9112, sections 4, 6 and 7.1. */
function statusOf(answer) {
  const end = answer.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = answer.slice(0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  // RFC 9110, section 15.3.5: without a body, and a length.
  if (/^HTTP\/1.1 (204|304)/.test(head)) return Number(head.slice(9, 12));
  const isWhole = length === undefined ? answer.endsWith('\r\n0\r\n\r\n') : answer.length >= end + 4 + Number(length);
  return isWhole ? Number(head.slice(9, 12)) : undefined;
}
