import { measurements } from './measurements.ts'

const intro = `# Measurements

What Faultline keeps, made from \`src/model/measurements.ts\` (\`npm run generate\`). Names are never renamed. Ratios are 0 to 1, times
of rows UTC. A field that could not be measured is absent, never 0. No customer stands in a tag.

Stores keep 64-bit integers exactly; rates per second, packets per second and milliseconds to a thousandth; other floats as they
are. What is not finite, not an integer where one is due, or out of range is left out and counted
(\`faultline_samples_refused_total\`). In tags and texts control characters become a space, and backslashes at the end of a tag
go; a tag that is empty then, or longer than 4,096 characters, refuses its row.
`

/** The table of measurements as a page for people. */
export function measurementsReference(): string {
  const sections = Object.entries(measurements).map(([name, { tags, fields }]) => {
    const rows = Object.entries(fields).map(
      ([field, { unit, type, help }]) =>
        `| \`${field}\` | ${type} | ${unit.replaceAll('|', '\\|')} | ${help} |`,
    )
    return [
      `## ${name}`,
      '',
      `Tags: ${tags.map((tag) => `\`${tag}\``).join(', ')}.`,
      '',
      '| field | type | unit | what it is |',
      '|---|---|---|---|',
      ...rows,
    ].join('\n')
  })
  return `${[intro.trimEnd(), ...sections].join('\n\n')}\n`
}
