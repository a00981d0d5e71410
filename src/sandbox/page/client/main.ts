import type { Act } from '../protocol.ts';
import type { Change, Doing } from './doing.ts';
import { frame } from './frame.ts';
import { patch } from './patch.ts';
import { fragmentOf, type Route, readRoute } from './route.ts';
import { connect } from './server.ts';
import {
  enter,
  keyOf,
  markRead,
  myRooms,
  nameOf,
  roomOf,
  type State,
  stampIn,
  takeIn,
  takeInMessage,
  unreadIn,
} from './state.ts';

const root = document.getElementById('page') as HTMLElement;
const prefersDark = matchMedia('(prefers-color-scheme: dark)');
/** As in page.css. */
const narrow = matchMedia('(max-width: 640px)');

const state: State = {
  connection: 'opening',
  me: sessionStorage.getItem('person') ?? '',
  route: readRoute(''),
  messages: new Map(),
  dismissed: new Set(),
  underWay: new Set(),
  drafts: new Map(),
  sent: new Map(),
  readUpTo: new Map(),
  isDark: (sessionStorage.getItem('colours') ?? (prefersDark.matches ? 'dark' : 'light')) === 'dark',
  isNarrow: narrow.matches,
};

/** The token of the link, which leaves the address bar at once: what stands there gets copied and photographed. */
function takeToken(): string {
  const given = /^#key=([\w-]+)$/.exec(location.hash)?.[1];
  if (given !== undefined) {
    sessionStorage.setItem('key', given);
    history.replaceState(null, '', fragmentOf({ tab: 'chat', room: 'C0DEPLOYS' }));
  }
  return sessionStorage.getItem('key') ?? '';
}

const server = connect(takeToken(), {
  hear: (news) => change((one) => takeIn(one, news)),
  connection: (connection) => change({ connection }),
});
state.route = readRoute(location.hash);

const doing: Doing = {
  change,
  act: async (act) => void (await ask(act)),
  go(route) {
    location.hash = fragmentOf(route);
  },
  be(person) {
    const here = roomOf(state);
    change((one) => {
      one.me = person;
      one.newSince = undefined;
    });
    sessionStorage.setItem('person', person);
    // At once: a key that came before the next frame would be written into the box of whoever one was before.
    render();
    const { route } = state;
    if (route.tab !== 'chat' || !here || here.people.includes(person)) return;
    // One's own direct message with the bot in place of somebody else's; else the first channel.
    const mine = myRooms(state).find(({ kind, hasBot }) => kind === here.kind && hasBot === here.hasBot);
    doing.go({ tab: 'chat', room: (mine ?? myRooms(state)[0])?.id });
  },
  colour(isDark) {
    sessionStorage.setItem('colours', isDark ? 'dark' : 'light');
    change({ isDark });
  },
  async send(room, thread, text) {
    change(({ sent, me }) => void sent.set(me, [...(sent.get(me) ?? []).filter((line) => line !== text), text]));
    const place = keyOf(state.me, room, thread ?? '');
    const isSent = await ask({ do: 'say', person: state.me, room, thread, text }, { room, thread });
    // What could not be sent is not lost, unless something else has been begun.
    if (!isSent) change(({ drafts }) => void drafts.set(place, drafts.get(place) || text));
  },
  press(room, ts, { action, confirm }) {
    if (confirm) change({ question: { ...confirm, room, ts, action } });
    else void press(room, ts, action);
  },
  answer(yes) {
    const { question } = state;
    change({ question: undefined });
    if (yes && question) void press(question.room, question.ts, question.action);
  },
};

async function press(room: string, ts: string, action: string): Promise<void> {
  const key = keyOf(room, ts, action);
  if (state.underWay.has(key)) return;
  const thread = state.messages.get(room)?.find((message) => message.ts === ts)?.thread;
  change(({ underWay }) => void underWay.add(key));
  await ask({ do: 'press', person: state.me, room, ts, action }, { room, thread });
  change(({ underWay }) => void underWay.delete(key));
}

/** Asks the server; false if it could not be done. What it has to remark is shown in that place, to that person alone. */
async function ask(act: Act, place?: { room: string; thread?: string }): Promise<boolean> {
  const onlyFor = state.me;
  const { remark, after, error } = await server.act(act);
  change((one) => {
    one.trouble = error;
    if (remark === undefined || !place) return;
    const ts = stampIn(one, place.room, new Date(), after);
    const rest = { byBot: false, edited: false, broadcast: false, deleted: false };
    takeInMessage(one, { ...place, ...rest, ts, onlyFor, text: remark });
  });
  return error === undefined;
}

let isDue = false;
function change(how: Change): void {
  if (typeof how === 'function') how(state);
  else Object.assign(state, how);
  if (isDue) return;
  isDue = true;
  // A page that nobody sees gets no frames, and should still be right when it is looked at.
  (document.hidden ? setTimeout : requestAnimationFrame)(render);
}

function render(): void {
  isDue = false;
  if (!document.hidden) {
    enter(state, roomOf(state));
    markRead(state);
  }
  document.documentElement.dataset.theme = state.isDark ? 'dark' : 'light';
  const atEnd = new Set([...root.querySelectorAll('.scroll')].filter(isAtEnd));
  const known = new Set(root.querySelectorAll('.scroll'));
  // Closed before it is taken away: closing gives the focus back.
  if (!state.question) root.querySelector('dialog')?.close();
  patch(root, frame(state, doing));
  for (const list of root.querySelectorAll('.scroll')) {
    if (atEnd.has(list) || !known.has(list)) list.scrollTop = list.scrollHeight;
  }
  const dialog = root.querySelector('dialog');
  if (dialog && !dialog.open) dialog.showModal();
  for (const box of root.querySelectorAll('textarea')) {
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight}px`;
  }
  document.title = title();
}

const isAtEnd = (list: Element): boolean => list.scrollHeight - list.scrollTop - list.clientHeight < 48;

function title(): string {
  const mentions = myRooms(state).reduce((sum, { id }) => sum + unreadIn(state, id).mentions, 0);
  const room = roomOf(state);
  const name = room && `${room.kind === 'channel' ? '#' : ''}${nameOf(state, room)}`;
  const place = state.route.tab === 'world' ? 'World' : name;
  return `${mentions > 0 ? `(${mentions}) ` : ''}${place ? `${place} · ` : ''}Sandbox chat`;
}

/** Follows the address; a thread that opens takes the focus, and gives it back when it closes. */
function follow(route: Route): void {
  const before = state.route;
  change((one) => {
    one.route = route;
    if (roomOf(one)?.id !== one.newSince?.room) one.newSince = undefined;
  });
  render();
  if (route.tab !== 'chat' || before.tab !== 'chat') return;
  if (route.thread !== undefined && route.thread !== before.thread) {
    if (!state.isNarrow) document.getElementById('thread-box')?.focus();
  } else if (route.thread === undefined && before.thread !== undefined) {
    document.querySelector<HTMLElement>(`[data-ts="${before.thread}"] .replies`)?.focus();
  } else if (route.room !== before.room && !state.isNarrow) {
    document.getElementById('box')?.focus();
  }
}

addEventListener('hashchange', () => {
  if (takeTokenAgain()) return;
  follow(readRoute(location.hash));
});

/** A link with another token, opened in this very tab: a sandbox that was started anew. */
function takeTokenAgain(): boolean {
  if (!location.hash.startsWith('#key=')) return false;
  takeToken();
  location.reload();
  return true;
}

addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.defaultPrevented || state.question) return;
  const { route } = state;
  if (route.tab === 'chat' && route.thread !== undefined) doing.go({ tab: 'chat', room: roomOf(state)?.id });
});
// At once: a frame that was asked for in sight never comes out of sight, and would hold up all that is drawn after it.
document.addEventListener('visibilitychange', render);
narrow.addEventListener('change', ({ matches }) => change({ isNarrow: matches }));
prefersDark.addEventListener('change', ({ matches }) => {
  if (sessionStorage.getItem('colours') === null) change({ isDark: matches });
});
