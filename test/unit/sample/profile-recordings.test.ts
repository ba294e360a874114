import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Profile } from '../../../src/model/profile.ts'
import { shippedProfiles, valuesOf } from '../../support/shipped-profiles.ts'
import { readRecording } from '../../support/snmp-recording.ts'

const ours = join(import.meta.dirname, '../../fixtures/snmp')
const devices = join(import.meta.dirname, '../../../../shared/devices')
const hasDevices = existsSync(devices)
if (!hasDevices) console.warn(`left out: the recordings of real devices, as there is no ${devices}`)

let profiles: readonly Profile[]
beforeAll(async () => {
  profiles = await shippedProfiles()
})
const read = (folder: string, name: string) =>
  valuesOf(profiles, readRecording(join(folder, `${name}.snmprec`)))

describe('a small recording', () => {
  it('of a switch with boards gives the busiest board, and optics of those ports that have them', async () => {
    const values = await read(ours, 'switch-with-boards')
    expect(values).toMatchObject({ cpuRatio: 0.57, memoryRatio: 0.4, temperatureC: 44 })
    expect(values.sensors).toEqual([
      { sensor: 'Main board', unit: '°C', value: 44 },
      { sensor: '主控板', unit: '°C', value: 41 },
      { sensor: 'GigabitEthernet0/0/2 rx power', unit: 'dBm', value: -18.72 },
      { sensor: 'GigabitEthernet0/0/2 tx power', unit: 'dBm', value: -2.11 },
      // Microwatts, as some software tells.
      { sensor: 'GigabitEthernet0/0/3 tx power', unit: 'dBm', value: -3.01 },
      { sensor: 'GigabitEthernet0/0/2 optics', unit: '°C', value: 38 },
      { sensor: 'GigabitEthernet0/0/3 optics', unit: '°C', value: 36 },
    ])
  })

  it('of a router gives sensors in their own scale, and no transceiver as its temperature', async () => {
    const values = await read(ours, 'router-with-sensors')
    expect(values).toMatchObject({ cpuRatio: 0.23, memoryRatio: 0.3, temperatureC: 37 })
    expect(values.sensors).toEqual([
      { sensor: 'Slot 1 inlet', unit: '°C', value: 37 },
      { sensor: 'Te1/1 Module Temperature Sensor', unit: '°C', value: 61.2 },
      { sensor: 'Te1/1 Receive Power Sensor', unit: 'dBm', value: -14.7 },
      { sensor: 'Te1/1 Bias Current Sensor', unit: 'A', value: 0.0069 },
    ])
  })

  it('of a switch whose transceivers tell thousandths gives them by port, and none for one that tells none', async () => {
    const values = await read(ours, 'switch-with-optics')
    expect(values).toMatchObject({ cpuRatio: 0.07 })
    expect(values.sensors).toEqual([
      { sensor: 'A1 rx power', unit: 'dBm', value: -7.345 },
      { sensor: 'A2 rx power', unit: 'dBm', value: -31 },
      { sensor: 'A1 tx power', unit: 'dBm', value: -2.1 },
      { sensor: 'A1 optics', unit: '°C', value: 34.5 },
    ])
  })

  it('of a host that no profile knows gives the mean of its cores, and memory without cache', async () => {
    const values = await read(ours, 'host')
    expect(values.profiles).toEqual(['entity-sensor', 'host-resources'])
    // 7,000,000 used, less 1,000,000 of buffers and 4,000,000 of cache, of 8,000,000 KiB.
    expect(values).toMatchObject({ cpuRatio: 0.55, memoryRatio: 0.25 })
    expect(values.sensors).toEqual([{ sensor: '1', unit: 'W', value: 95 }])
  })
})

describe.skipIf(!hasDevices)('the recording of a real device', () => {
  it.for([
    ['arista-dcs-7150s-52-cl', 'arista-eos', 0.126667, 0.225, 28.2, 89],
    ['bdcom-s5612', 'bdcom', 0.38, 0.15, undefined, 0],
    ['brocade-icx6430-24', 'brocade-ironware', 0.01, 0.59, 49, 2],
    ['cisco-c3750', 'cisco-ios', 0.64, 0.419, undefined, 10],
    ['cisco-n5000', 'cisco-nxos', 0.25, 0.294, 40, 58],
    ['cisco-unknown-01', 'cisco-ios', 0.64, 0.232, 48, 123],
    ['cisco-unmarked-0', 'cisco-ios', 0.13, 0.14, undefined, 0],
    ['dcrs-5980-28t-dc', 'dcn', 0.19, 0.314, 34, 1],
    ['dlink-des3200', 'dlink', 0.28, 0.88, undefined, 0],
    ['fortinet-xcu', 'fortinet', 0.05, 0.19, 53, 53],
    ['h3c-comware-7-1-075', 'h3c-comware', 0.24, 0.55, 49, 70],
    ['huawei-s5720', 'huawei-vrp', 0.38, 0.07, 42, 1],
    ['ibm-x3550-m3', 'net-snmp', undefined, 0.811, undefined, 0],
    ['juniper-mx960-12-3r6-6', 'juniper', 0.29, 0.14, 35, 62],
    ['ruijie-s5750-24gt12sfp', 'ruijie', 0.39, 0.5, undefined, 0],
    ['server-2003-5-2', 'entity-sensor', 0, 0.746, undefined, 0],
    ['slackware', 'net-snmp', 0.11, 0.712, undefined, 0],
    ['unknown-001', 'net-snmp', undefined, 0.497, undefined, 0],
    ['vyatta-unknown', 'net-snmp', 0.5275, 0.31, 69, 1],
    ['zte-zrx10', 'zte-zxr10', 0.46, 0.46, 43, 27],
  ] as const)(
    '%s gives what it holds by the profile %s',
    async ([name, profile, cpu, memory, temperature, count]) => {
      const values = await read(devices, name)
      expect(values.profiles[0]).toBe(profile)
      if (cpu === undefined) expect(values.cpuRatio).toBeUndefined()
      else expect(values.cpuRatio).toBeCloseTo(cpu, 3)
      expect(values.memoryRatio).toBeCloseTo(memory, 3)
      expect(values.temperatureC).toBe(temperature)
      expect(values.sensors).toHaveLength(count)
    },
  )

  it.for(['dptech-dpx800-a5', 'h3c-e528-1', 'hpe-procurve-516733-b21', 'maipu-sm4200-16gef8ge-ac'])(
    '%s holds none of the tables of its profile',
    async (name) => {
      const values = await read(devices, name)
      expect(values.profiles).toHaveLength(3)
      expect(values).toEqual({ profiles: values.profiles, sensors: [] })
    },
  )

  it('gives plausible sensors only, each by a name of its own', async () => {
    const plausible = {
      '°C': [15, 80],
      dBm: [-40, 5],
      V: [0, 240],
      A: [0, 10],
      rpm: [0, 10_000],
    } as const
    const names = [
      'arista-dcs-7150s-52-cl',
      'cisco-n5000',
      'cisco-unknown-01',
      'fortinet-xcu',
      'juniper-mx960-12-3r6-6',
    ]
    for (const name of names) {
      const { sensors } = await read(devices, name)
      const odd = sensors.filter(({ unit, value }) => {
        const [least, most] = plausible[unit as keyof typeof plausible]
        return value < least || value > most
      })
      expect(odd, name).toEqual([])
      expect(new Set(sensors.map(({ sensor, unit }) => `${unit} ${sensor}`)).size, name).toBe(sensors.length)
    }
  })

  it('tells optical power of milliwatts in dBm, down to a dark port', async () => {
    const { sensors } = await read(devices, 'arista-dcs-7150s-52-cl')
    expect(sensors).toContainEqual({
      sensor: 'DOM RX Power Sensor for Ethernet5',
      unit: 'dBm',
      value: -3.952,
    })
    expect(sensors).toContainEqual({
      sensor: 'DOM RX Power Sensor for Ethernet50',
      unit: 'dBm',
      value: -33.979,
    })
    expect(sensors.some(({ unit }) => unit === 'W')).toBe(false)
  })
})
