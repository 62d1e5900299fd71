import type { DemoPerson } from '../../src/domains/transfer/demo/world.ts'
import { lapses, prayer } from './scales.ts'

export const budi: DemoPerson = {
  email: 'budi@kitaab.example',
  username: 'budi',
  fullName: 'Budi Santoso',
  city: 'Jakarta',
  timeZone: 'Asia/Jakarta',
  dayStartMinutes: 180,
  weekStart: 1,
  locale: 'id-ID',
  away: [[180, 173]],
  deeds: [
    {
      category: 'hasanaat',
      name: 'Prayers',
      scale: prayer,
      items: [
        {
          name: 'At the mosque',
          items: [
            {
              name: 'Subuh',
              habit: {
                recorded: [0.4, 0.6],
                typical: [0.5, 0.8],
                strays: 0.4,
                inRamadan: 1.5,
                notes: ['Rode there with Pak Hadi'],
              },
            },
            {
              name: 'Isya',
              habit: { recorded: [0.2, 0.35], typical: [0.6, 0.8], strays: 0.3, inRamadan: 1.3 },
              items: [
                { name: 'Witir', habit: { recorded: [0.1, 0.25], typical: [0.6, 0.7], strays: 0.2, since: 180 } },
              ],
            },
          ],
        },
        { name: 'Friday prayer', habit: { recorded: [0.9, 0.97], typical: [0.95, 1], strays: 0.2, weekdays: [5] } },
      ],
    },
    {
      category: 'hasanaat',
      name: 'Family',
      unit: 'minutes',
      items: [
        {
          name: 'Parents',
          items: [
            {
              name: 'Calling Mother',
              habit: {
                recorded: [0.2, 0.4],
                typical: [12, 20],
                strays: 0.6,
                step: 5,
                notes: ['She laughed a lot', 'Told her about the new job'],
              },
            },
            {
              name: 'Visits',
              habit: { recorded: [0.3, 0.4], typical: [150, 180], strays: 0.4, step: 15, weekdays: [7] },
            },
          ],
        },
        {
          name: 'Reading to the children',
          habit: { recorded: [0.2, 0.4], typical: [15, 20], strays: 0.4, step: 5, since: 200 },
        },
      ],
    },
    {
      category: 'saiyyiaat',
      name: 'Smoking',
      unit: 'cigarettes',
      items: [
        {
          name: 'At work',
          items: [
            {
              name: 'In breaks',
              habit: {
                recorded: [0.5, 0.6],
                typical: [7, 2],
                strays: 0.5,
                step: 1,
                weekdays: [1, 2, 3, 4, 5],
                inRamadan: 0.4,
                notes: ['Only with the others', 'None before noon'],
              },
              items: [
                {
                  name: 'Offered by others',
                  habit: { recorded: [0.1, 0.12], typical: [1, 1], strays: 0.5, step: 1, since: 120 },
                },
              ],
            },
          ],
        },
        { name: 'At home', habit: { recorded: [0.15, 0.25], typical: [3, 0.6], strays: 0.9, step: 1, inRamadan: 0.5 } },
      ],
    },
    {
      category: 'saiyyiaat',
      name: 'Anger',
      scale: lapses,
      items: [
        {
          name: 'In traffic',
          habit: {
            recorded: [0.3, 0.4],
            typical: [0.6, 0.35],
            strays: 0.45,
            weekdays: [1, 2, 3, 4, 5],
            notes: ['Two hours in the rain'],
          },
        },
      ],
    },
  ],
  merits: [
    {
      deed: 'Smoking',
      title: 'A month with fewer than two hundred',
      startsIn: -34,
      durationDays: 30,
      stands: 'MET',
      items: [
        { item: ['Smoking', 'At work'], metric: 'count_sum', comparator: 'at_most', target: '150' },
        { item: ['Smoking', 'At home'], metric: 'count_sum', comparator: 'at_most', target: '60' },
      ],
    },
    {
      deed: 'Family',
      title: 'Ten hours with Mother',
      startsIn: -15,
      durationDays: 60,
      stands: 'PENDING',
      items: [
        { item: ['Family', 'Parents', 'Calling Mother'], metric: 'count_sum', comparator: 'at_least', target: '600' },
      ],
    },
    {
      deed: 'Anger',
      title: 'Calm in traffic',
      startsIn: -60,
      durationDays: 90,
      stands: 'FAILED',
      items: [
        {
          item: ['Anger', 'In traffic'],
          metric: 'scale_match',
          comparator: 'at_most',
          target: '3',
          value: { name: 'Once', match: 'at_or_above' },
        },
      ],
    },
  ],
  reflections: [
    { daysAgo: 1, type: 'hasanaat', message: 'Mother laughed for half an hour. I should call her before she asks.' },
    { daysAgo: 4, type: 'saiyyiaat', message: 'Shouted at a man who only wanted to change lanes.' },
  ],
  reminders: [{ localTime: '20:00', condition: 'always', title: null }],
}
