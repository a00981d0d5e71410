// A connection for load: requests are bytes that were made before, and of an answer only the status and the end are read. A
// client for all purposes takes three times the CPU, which the servers under measurement would have to share with it.
import { once } from 'node:events';
import { connect } from 'node:net';

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
  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    received += text;
    const status = statusOf(received);
    if (status === undefined) return;
    received = '';
    waiting.resolve(status);
  });
  socket.on('error', (error) => waiting?.reject(error));
  socket.on('close', () => waiting?.reject(new Error(`${url} closed the connection after ${received || 'nothing'}`)));
  return {
    /** Resolves with the status once the answer is here as a whole. One at a time. */
    send: (bytes) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(bytes);
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
  const isWhole = length === undefined ? answer.endsWith('\r\n0\r\n\r\n') : answer.length >= end + 4 + Number(length);
  return isWhole ? Number(head.slice(9, 12)) : undefined;
}
