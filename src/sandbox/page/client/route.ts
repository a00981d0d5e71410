/** Where in the page somebody is; the part of the address behind its `#`, so that going back works. */
export type Route = { tab: 'chat'; room?: string; thread?: string } | { tab: 'world' };

/** `#/C0DEPLOYS/1718.0001`, `#/world`; without a room the list of rooms, where there is only room for one. */
export function readRoute(fragment: string): Route {
  const [first, second] = fragment.replace(/^#\/?/, '').split('/');
  if (first === 'world') return { tab: 'world' };
  return {
    tab: 'chat',
    ...(/^[A-Z0-9]+$/.test(first ?? '') && { room: first }),
    ...(/^\d+\.\d+$/.test(second ?? '') && { thread: second }),
  };
}

export function fragmentOf(route: Route): string {
  if (route.tab === 'world') return '#/world';
  return `#/${[route.room, route.thread].filter((part) => part !== undefined).join('/')}`;
}
