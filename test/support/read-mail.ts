/** A mail as its reader sees it. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly language: string
  readonly text: string
  readonly html: string
}

/** Reads what a mail program would from an .eml file: decoded headers, the text part and the HTML part. */
export function readMail(source: string): Mail {
  const { headers, body } = partOf(source)
  const boundary = /boundary="?([^";]+)"?/.exec(headers.get('content-type') ?? '')?.[1]
  if (boundary === undefined) throw new Error('not a multipart mail')
  const parts = body.split(`--${boundary}`).slice(1, -1).map(partOf)
  const contentOf = (type: string) => {
    const part = parts.find(({ headers }) => headers.get('content-type')?.startsWith(type))
    return part ? decoded(part.body, part.headers.get('content-transfer-encoding') ?? '7bit') : ''
  }
  return {
    to: /[^\s<>]+@[^\s<>]+/.exec(headers.get('to') ?? '')?.[0] ?? '',
    subject: words(headers.get('subject') ?? ''),
    language: headers.get('content-language') ?? '',
    text: contentOf('text/plain'),
    html: contentOf('text/html'),
  }
}

function partOf(source: string) {
  const [head = '', ...rest] = source.replace(/^\r\n/, '').split('\r\n\r\n')
  const headers = new Map(
    head
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
  )
  return { headers, body: rest.join('\r\n\r\n') }
}

const quotedPrintable = (text: string): Buffer =>
  Buffer.from(
    text
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )

const decoded = (body: string, encoding: string): string =>
  encoding === 'base64'
    ? Buffer.from(body, 'base64').toString()
    : encoding === 'quoted-printable'
      ? quotedPrintable(body).toString()
      : body

/** Encoded words of RFC 2047; white space between two of them is no text. */
const words = (header: string): string =>
  header
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([BQ])\?([^?]*)\?=/gi, (_, kind, text) =>
      (kind.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64')
        : quotedPrintable(text.replaceAll('_', ' '))
      ).toString('latin1'),
    )
    .replace(/[\u0080-\u00ff]{2,}/g, (bytes) => Buffer.from(bytes, 'latin1').toString())
