import { type Severity, severities } from '../model/severity.ts'

/** A port in trouble of such a severity degrades all that is reached through it. */
export const isGrave = (severity: Severity): boolean =>
  severities.indexOf(severity) >= severities.indexOf('major')
