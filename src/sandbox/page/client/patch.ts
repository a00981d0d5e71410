import type { Attributes, Child, VNode } from '../render/vnode.ts';

/** What an element was last made from. */
const made = new WeakMap<Node, VNode>();

/**
 * Makes the children of an element as they should be. What is the same by its key, or else by its place and tag, stays
 * the same element, so that focus, selection and scrolling stay where they are.
 */
export function patch(parent: Node, children: readonly Child[]): void {
  const old = [...parent.childNodes];
  const keyed = new Map(old.flatMap((node) => (keyOf(node) === undefined ? [] : [[keyOf(node), node] as const])));
  const unkeyed = old.filter((node) => keyOf(node) === undefined);
  const kept = new Set<Node>();

  function nodeFor(child: Child): Node {
    const candidate =
      typeof child !== 'string' && child.key !== undefined
        ? keyed.get(child.key)
        : unkeyed.find((node) => !kept.has(node) && fits(node, child));
    const node = candidate && !kept.has(candidate) && fits(candidate, child) ? candidate : create(child);
    kept.add(node);
    update(node, child);
    return node;
  }

  const wanted = children.map(nodeFor);
  for (const node of old) if (!kept.has(node)) parent.removeChild(node);
  wanted.forEach((node, index) => {
    // Only what is out of place is moved: moving takes the focus away.
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null);
  });
}

const keyOf = (node: Node): string | undefined => made.get(node)?.key;

function fits(node: Node, child: Child): boolean {
  if (typeof child === 'string') return node.nodeType === Node.TEXT_NODE;
  const before = made.get(node);
  return before?.tag === child.tag && before.key === child.key;
}

const ofDrawings = new Set(['svg', 'path', 'circle']);

function create(child: Child): Node {
  if (typeof child === 'string') return document.createTextNode(child);
  return ofDrawings.has(child.tag)
    ? document.createElementNS('http://www.w3.org/2000/svg', child.tag)
    : document.createElement(child.tag);
}

function update(node: Node, child: Child): void {
  if (typeof child === 'string') {
    if (node.nodeValue !== child) node.nodeValue = child;
    return;
  }
  const element = node as Element;
  const before = made.get(node)?.attributes ?? {};
  made.set(node, child);
  for (const name of Object.keys(before)) if (!(name in child.attributes)) setAttribute(element, name, undefined);
  for (const [name, value] of Object.entries(child.attributes)) setAttribute(element, name, value);
  patch(element, child.children);
}

function setAttribute(element: Element, name: string, value: Attributes[string]): void {
  if (name.startsWith('on')) {
    Reflect.set(element, name, typeof value === 'function' ? value : null);
  } else if (name === 'value' && (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement)) {
    if (element.value !== value) element.value = String(value ?? '');
  } else if (name === 'checked' && element instanceof HTMLInputElement) {
    element.checked = value === true;
  } else if (value === undefined || value === false) {
    element.removeAttribute(name);
  } else {
    const text = value === true ? '' : String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}
