import { expect, test } from '@jest/globals'
import { judgeClock, judgeServer, judgeZones } from '../../src/commands/doctor/database.ts'
import { asSize, Trouble } from '../../src/commands/doctor/finding.ts'
import { judgeJobs } from '../../src/commands/doctor/jobs.ts'
import { judgeDisk, judgeNode } from '../../src/commands/doctor/machine.ts'

const remedyOf = (judge: () => string) => {
  try {
    return `fine: ${judge()}`
  } catch (error) {
    return error instanceof Trouble ? error.remedy : error
  }
}

test('an old Node, a full disk, an old or other server, a wrong clock and missing zones are each told with what to do', () => {
  expect(remedyOf(() => judgeNode('24.9.1', '24.15.0'))).toContain('npm start')
  expect(remedyOf(() => judgeNode('24.15.0', '24.15.0'))).toBe('fine: 24.15.0')
  expect(remedyOf(() => judgeNode('26.1.0', '24.15.0'))).toBe('fine: 26.1.0')
  expect(remedyOf(() => judgeDisk(999_999_999, '/home'))).toContain('make room')
  expect(remedyOf(() => judgeDisk(1e9, '/home'))).toBe('fine: 1.0 GB free at /home')
  const server = { version: '15.3', number: 150_003, encoding: 'UTF8', size: '9 MB' }
  expect(remedyOf(() => judgeServer(server))).toBe('fine: PostgreSQL 15.3, 9 MB')
  expect(remedyOf(() => judgeServer({ ...server, version: '14.9', number: 140_009 }))).toBe('upgrade the server')
  expect(remedyOf(() => judgeServer({ ...server, encoding: 'SQL_ASCII' }))).toContain("encoding 'UTF8'")
  expect(remedyOf(() => judgeClock(-4_000, 10))).toBe("fine: the database's is 4000 ms behind this machine's")
  expect(remedyOf(() => judgeClock(60_000, 10))).toContain('NTP')
  expect(remedyOf(() => judgeZones(['Africa/Cairo', 'UTC']))).toContain('tzdata')
})

test('sizes read as people say them', () => {
  expect([0, 999, 1_000, 1_234_567, 5e12].map(asSize)).toEqual(['0 bytes', '999 bytes', '1.0 kB', '1.2 MB', '5.0 TB'])
})

test('jobs that nobody does, and those that failed too often, are told with what to do', async () => {
  const well = { overdue: 0, overdueSince: null, isStuck: false, dead: [], lastDone: '2026-03-04 05:06:07+00' }
  expect(judgeJobs(well, true)).toBe('"serve" does them; the last was done at 2026-03-04 05:06:07+00')
  expect(judgeJobs({ ...well, lastDone: null }, false)).toBe(
    'WORKER is off: "npm run kitaab -- worker" does them; none was done yet',
  )
  const stuck = { ...well, overdue: 3, overdueSince: '2026-03-04 04:00:00+00', isStuck: true }
  expect(() => judgeJobs(stuck, false)).toThrow(new Trouble('3 wait, the first since 2026-03-04 04:00:00+00', ''))
  expect(() => judgeJobs({ ...well, dead: ['settle_goals'] }, true)).toThrow('some failed too often: settle_goals')
})
