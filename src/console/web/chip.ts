import { h } from './dom.ts'

/** A word in a coloured box; `tone` is a class of style.css. */
export const chip = (text: string, tone = '', title?: string): Node =>
  h('span', { class: `chip ${tone}`, title }, text)
