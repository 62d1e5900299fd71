import { expect, test } from '@jest/globals'
import { parseCronItems } from 'graphile-worker'
import { jobs } from '../src/jobs.ts'
import { schedules } from '../src/schedules.ts'

test('every schedule has a task, a time and a reason, and no task has two', () => {
  const names = schedules.map(({ task }) => task)
  expect(names.filter((name) => !Object.hasOwn(jobs, name))).toEqual([])
  expect(new Set(names).size).toBe(names.length)
  expect(parseCronItems(schedules.map(({ task, cron }) => ({ task, match: cron })))).toHaveLength(names.length)
  expect(schedules.filter(({ purpose }) => !/^\S.{20,}\.$/.test(purpose))).toEqual([])
})
