import { type Arguments, asCount, asText } from '../arguments.ts';

/** One page of a longer list: `limit` items from where `cursor` points; `next_cursor` is empty on the last page. */
export function page<Item>(items: Item[], args: Arguments, usual: number): { items: Item[]; next_cursor: string } {
  const from = Number(Buffer.from(asText(args.cursor), 'base64').toString() || 0) || 0;
  const until = from + asCount(args.limit, usual, 1000);
  const next_cursor = until < items.length ? Buffer.from(String(until)).toString('base64') : '';
  return { items: items.slice(from, until), next_cursor };
}
