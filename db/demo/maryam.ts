import type { DemoPerson } from '../../src/domains/transfer/demo/world.ts'
import { lapses, prayer } from './scales.ts'

export const maryam: DemoPerson = {
  email: 'maryam@kitaab.example',
  username: 'maryam',
  fullName: 'Maryam Siddiqui',
  city: 'Toronto',
  timeZone: 'America/Toronto',
  dayStartMinutes: 0,
  weekStart: 7,
  locale: 'en-CA',
  away: [[300, 291]],
  deeds: [
    {
      category: 'hasanaat',
      name: 'Prayers',
      scale: prayer,
      items: [
        {
          name: 'Obligatory',
          items: [
            {
              name: 'Fajr',
              habit: {
                recorded: [0.4, 0.55],
                typical: [0.5, 0.7],
                strays: 0.4,
                inRamadan: 1.5,
                inSummer: 0.7,
                notes: ['Summer nights are short here'],
              },
            },
            {
              name: 'Asr',
              habit: { recorded: [0.25, 0.4], typical: [0.5, 0.66], strays: 0.3, notes: ['In the library'] },
            },
          ],
        },
        { name: 'Tarawih', habit: { recorded: [0.02, 0.03], typical: [0.9, 1], strays: 0.1 } },
      ],
    },
    {
      category: 'hasanaat',
      name: 'Quran',
      description: 'With Leila: whoever of us two is at the lesson writes it down.',
      unit: 'pages',
      items: [
        {
          name: 'Lesson',
          items: [
            {
              name: 'Recited to my teacher',
              habit: {
                recorded: [0.6, 0.8],
                typical: [3, 5],
                strays: 0.4,
                step: 0.5,
                weekdays: [2, 4, 6],
                notes: ['Tajweed of the nun, again', 'No mistakes today'],
              },
              items: [
                {
                  name: 'By heart',
                  habit: {
                    recorded: [0.2, 0.4],
                    typical: [0.5, 1],
                    strays: 0.5,
                    step: 0.5,
                    weekdays: [2, 4, 6],
                    since: 200,
                  },
                },
              ],
            },
            {
              name: 'Revision',
              habit: { recorded: [0.2, 0.4], typical: [2, 3], strays: 0.5, step: 0.5, inRamadan: 3 },
            },
          ],
        },
        {
          name: 'On the train',
          habit: { recorded: [0.35, 0.5], typical: [1.5, 2.5], strays: 0.6, step: 0.5, weekdays: [1, 2, 3, 4, 5] },
        },
      ],
    },
    {
      category: 'hasanaat',
      name: 'Volunteering',
      unit: 'hours',
      items: [
        {
          name: 'Food bank',
          items: [
            {
              name: 'Saturday shift',
              habit: {
                recorded: [0.5, 0.7],
                typical: [3, 3.5],
                strays: 0.3,
                step: 0.5,
                weekdays: [6],
                notes: ['Three new families'],
              },
            },
          ],
        },
      ],
    },
    {
      category: 'saiyyiaat',
      name: 'Gossip',
      scale: lapses,
      items: [
        {
          name: 'With friends',
          items: [
            {
              name: 'After class',
              habit: {
                recorded: [0.3, 0.4],
                typical: [0.5, 0.25],
                strays: 0.4,
                weekdays: [1, 2, 3, 4, 5],
                inSummer: 0.6,
              },
              items: [
                {
                  name: 'In the group chat',
                  habit: { recorded: [0.1, 0.2], typical: [0.4, 0.2], strays: 0.3, since: 150 },
                },
              ],
            },
          ],
        },
      ],
    },
    {
      category: 'saiyyiaat',
      name: 'Late nights',
      unit: 'minutes',
      items: [
        { name: 'Series', habit: { recorded: [0.15, 0.25], typical: [70, 45], strays: 0.5, step: 5, inRamadan: 0.3 } },
      ],
    },
  ],
  merits: [
    {
      deed: 'Volunteering',
      title: 'Ten hours at the food bank',
      startsIn: -80,
      durationDays: 90,
      stands: 'MET',
      items: [{ item: ['Volunteering', 'Food bank'], metric: 'count_sum', comparator: 'at_least', target: '10' }],
    },
    {
      deed: 'Quran',
      title: 'A hundred pages with my teacher',
      startsIn: -20,
      durationDays: 90,
      stands: 'PENDING',
      items: [
        {
          item: ['Quran', 'Lesson', 'Recited to my teacher'],
          metric: 'count_sum',
          comparator: 'at_least',
          target: '100',
        },
      ],
    },
    {
      deed: 'Late nights',
      title: 'Nothing after midnight before the exams',
      startsIn: 4,
      durationDays: 21,
      stands: 'UPCOMING',
      items: [{ item: ['Late nights', 'Series'], metric: 'count_sum', comparator: 'at_most', target: '60' }],
    },
  ],
  reflections: [
    { daysAgo: 2, type: 'general', message: 'Leila wrote the revision down for me. I had forgotten that I did it.' },
    {
      daysAgo: 3,
      type: 'hasanaat',
      message: 'Five and a half pages by heart, and my teacher corrected only two words.',
    },
  ],
  reminders: [{ localTime: '22:15', condition: 'if_nothing_recorded', title: null }],
}
