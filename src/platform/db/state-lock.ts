import { FaultlineError, messageOf } from '../errors.ts'
import { holdFile } from './held-file.ts'

/**
 * Keeps a second daemon away from a state store: two would both open incidents and both write to customers. The lock is
 * a file beside the store, so that commands such as `faultline token create` still reach the store. Returns how to let
 * go.
 * @throws FaultlineError STATE_UNAVAILABLE when it is held already, or the file cannot be made.
 */
export function lockState(path: string): () => void {
  const unavailable = (why: string, cause?: unknown) =>
    new FaultlineError('STATE_UNAVAILABLE', why, { path }, { cause })
  let held: ReturnType<typeof holdFile>
  try {
    held = holdFile(`${path}.lock`)
  } catch (error) {
    throw unavailable(
      `the lock of the state store at ${path} (state.path) could not be had: ${messageOf(error)}`,
      error,
    )
  }
  if (held === 'taken') throw unavailable(`another Faultline is running on the state store at ${path}`)
  return held
}
