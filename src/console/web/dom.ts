/**
 * Builds the page without ever parsing text as markup: names of customers, boxes and ports are hostile, and here they
 * can only become text nodes or attribute values.
 */
type Child = Node | string | number | undefined | null | false | readonly Child[]
type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>

function fill(node: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    if (typeof value === 'function') node.addEventListener(name, value)
    else node.setAttribute(name, value === true ? '' : String(value))
  }
  append(node, children)
}

function append(node: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(node, child)
    else if (child instanceof Node) node.append(child)
    else if (child !== undefined && child !== null && child !== false) node.append(String(child))
  }
}

/** An HTML element; functions among the attributes are listeners. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag)
  fill(node, attributes, children)
  return node
}

/** An SVG element. */
export function svg(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): SVGElement {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag)
  fill(node, attributes, children)
  return node
}

/** The element with that id, which index.html has. */
export function byId(id: string): HTMLElement {
  const node = document.getElementById(id)
  if (!node) throw new Error(`index.html has no #${id}`)
  return node
}
