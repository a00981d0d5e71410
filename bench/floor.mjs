/**
 * How soon messages could be there at best, in the rooms of a Slack that takes `burst` at once in a room that was quiet,
 * and else one in `everyMs`. `messages`: `{ room, at }`, when each was there to be said, in ms. Answers how long each has to
 * wait, in ms: what no sender can go below, however quick.
 */
export function waits(messages, { everyMs, burst }) {
  const rooms = new Map();
  return [...messages]
    .sort((a, b) => a.at - b.at)
    .map(({ room, at }) => {
      // When the room would be quiet again if nothing more were said.
      const quietAt = Math.max(rooms.get(room) ?? at, at);
      rooms.set(room, quietAt + everyMs);
      return Math.max(0, quietAt - (burst - 1) * everyMs - at);
    });
}
