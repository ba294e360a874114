/** Control characters, line separators, and marks that turn the reading direction of what follows. */
const unprintable = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

/** Text from outside as one line of at most `limit` characters, fit for a subject or a sentence. Not escaped. */
export const plainLine = (text: string, limit = 300): string =>
  [...text.replace(unprintable, ' ').trim()].slice(0, limit).join('')
