import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import type { EncodedLines } from '../encoded-lines.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** Level 1 makes interface rows five times smaller for half a microsecond a row, in a thread of the pool. */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
/** What one payload may unfold to: several times what is packed at once. */
const mostUnpacked = 2 ** 23
/** Less is not worth a trip to another thread. */
const worthPacking = 2_048
/** Line protocol never begins so. */
const zstdMark = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

/** Lines as they lie in a frame: compressed, or as they are when they are few. */
export const packed = async (lines: Buffer): Promise<Buffer> =>
  lines.length < worthPacking ? lines : compress(lines, options)

/** The lines of frames that follow each other. Rejects when a payload is not ours. */
export async function unpacked(
  frames: readonly { readonly payload: Buffer; readonly rows: number }[],
): Promise<EncodedLines> {
  const parts = await Promise.all(frames.map(({ payload }) => unpackedPayload(payload)))
  const rows = frames.reduce((sum, frame) => sum + frame.rows, 0)
  const [only] = parts
  return { bytes: parts.length === 1 && only !== undefined ? only : Buffer.concat(parts), rows }
}

const unpackedPayload = async (payload: Buffer): Promise<Buffer> =>
  payload.subarray(0, zstdMark.length).equals(zstdMark)
    ? decompress(payload, { maxOutputLength: mostUnpacked })
    : payload
