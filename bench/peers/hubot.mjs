// Hubot as its scripts take webhooks: a route of its router that does nothing. It checks no signature and stores nothing.
import { Adapter, Robot } from 'hubot';

process.env.BIND_ADDRESS = process.env.HOST;
const robot = new Robot({ use: (self) => new Adapter(self) }, true, 'deckhand-bench');
await robot.loadAdapter();
await robot.run();
robot.router.post('/github/webhooks', (_request, response) => response.end('ok'));
