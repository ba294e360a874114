import { configJsonSchema } from '../config/json-schema.ts'
import { exitCodes, type Terminal } from './terminal.ts'

/** `faultline schema`: the JSON Schema of the configuration, as config/schema.json holds it. */
export function schema(terminal: Terminal): number {
  terminal.out(JSON.stringify(configJsonSchema(), null, 2))
  return exitCodes.ok
}
