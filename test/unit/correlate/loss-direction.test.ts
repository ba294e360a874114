import { describe, expect, it } from 'vitest'
import { createLossDirections } from '../../../src/correlate/loss-direction.ts'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'

/** Bursts of ten packets every ten seconds; loss ratios there and back. */
const bursts = (count: number, forward: number, backward: number, fromSecond = 0): readonly Sample[] =>
  Array.from({ length: count }, (_, index) =>
    sampleOf(
      'stamp',
      { element: 'acc1', vantage: 'nms' },
      { sent: 10, received: 9, loss_forward_ratio: forward, loss_backward_ratio: backward },
      (fromSecond + index * 10) * 1000,
    ),
  )

const told = (...all: readonly (readonly Sample[])[]) => {
  const ways = createLossDirections()
  for (const samples of all) ways.accept(samples)
  return ways.directions().get('acc1')
}

describe('the direction of loss', () => {
  it.for([
    ['is forward when packets are lost on the way there', [bursts(5, 0.2, 0)], 'forward'],
    ['is backward when packets are lost on the way back', [bursts(5, 0, 0.2)], 'backward'],
    ['is both when they are lost both ways', [bursts(5, 0.2, 0.2)], 'both'],
    [
      'is forward although a packet was lost on the way back',
      [bursts(9, 0.2, 0), bursts(1, 0, 0.1, 90)],
      'forward',
    ],
    ['is not told of a single packet', [bursts(1, 0.1, 0)], undefined],
    ['is not told where nothing is lost', [bursts(50, 0, 0)], undefined],
    ['is forgotten after a while without loss', [bursts(5, 0.2, 0), bursts(120, 0, 0, 50)], undefined],
    ['turns when the loss does', [bursts(5, 0.2, 0), bursts(200, 0, 0.2, 50)], 'backward'],
  ] as const)('%s', ([, samples, direction]) => {
    expect(told(...samples)).toBe(direction)
  })

  it('is not known where the reflector does not count', () => {
    const plain = sampleOf('stamp', { element: 'acc1', vantage: 'nms' }, { sent: 10, loss_ratio: 0.5 }, 0)
    expect(told([plain, plain])).toBeUndefined()
  })

  it('is the same object while nothing turns', () => {
    const ways = createLossDirections()
    ways.accept(bursts(5, 0.2, 0))
    const before = ways.directions()
    ways.accept(bursts(5, 0.3, 0, 50))
    expect(ways.directions()).toBe(before)
  })
})
