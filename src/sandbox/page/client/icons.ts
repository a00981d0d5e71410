import { h, type VNode } from '../render/vnode.ts';

/** Drawn on 24 × 24. */
const drawings = {
  anchor:
    'M12 8.400a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400M12 8.400V19.500M8.500 11.500h7M5 13.500c.5 3.600 3.400 6 7 6s6.500-2.400 7-6',
  hash: 'M9.500 4 7.500 20M16.500 4l-2 16M4.500 9h16M3.500 15h16',
  send: 'M4.500 5l16 7-16 7 2.500-7zM7 12h7',
  close: 'M6 6l12 12M18 6L6 18',
  back: 'M14.500 5.500L8 12l6.500 6.500',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M18.700 5.300l-1.400 1.400M6.700 17.300l-1.400 1.400',
  moon: 'M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10z',
  eye: 'M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 14.800a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600',
  reply:
    'M20 12c0 4-3.600 6.500-8 6.500-1 0-2-.1-2.900-.4L4 20l1.600-3.600C4.600 15.200 4 13.700 4 12c0-4 3.600-6.500 8-6.500s8 2.500 8 6.500z',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  cross: 'M7 7l10 10M17 7L7 17',
  dots: 'M6 12h.01M12 12h.01M18 12h.01',
  branch:
    'M7 4v10M7 20a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5M17 9a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5M17 9c0 4-10 2-10 6',
  tag: 'M4 4h8l8 8-8 8-8-8zM8.200 8.200h.01',
} as const;

export type Icon = keyof typeof drawings;

/** A drawing that says nothing by itself: what it stands for has to be written beside it, or as its button's label. */
export function icon(name: Icon): VNode {
  return h(
    'svg',
    { class: `icon icon-${name}`, viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
    h('path', { d: drawings[name] }),
  );
}
