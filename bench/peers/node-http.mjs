// The floor for webhooks: what no receiver can leave out, on Node's own HTTP server. It stores nothing.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const secret = process.env.GITHUB_WEBHOOK_SECRET;
createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const given = Buffer.from(request.headers['x-hub-signature-256']?.slice('sha256='.length) ?? '', 'hex');
    const expected = createHmac('sha256', secret).update(body).digest();
    const isSigned = given.length === expected.length && timingSafeEqual(given, expected);
    const isStatus = isSigned && typeof JSON.parse(body.toString()).deployment_status === 'object';
    response.statusCode = isStatus ? 200 : 401;
    response.end('ok\n');
  });
}).listen(Number(process.env.PORT), process.env.HOST);
